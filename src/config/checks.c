/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "config/checks.h"

#include "base/password.h"
#include "base/utf8.h"

#include <paceline/network.h>

#include <arpa/inet.h>
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool has_control(const char *value)
{
    for (; *value; value++)
        if (is_control(*value))
            return true;
    return false;
}

/* UTF-8 without C1 control characters either: it is shown to people. */
static bool is_showable(const char *value)
{
    size_t length = strlen(value);
    size_t used;

    for (; length > 0; value += used, length -= used) {
        int32_t code = pli_utf8_decode(value, length, &used);

        if (code < 0 || (code >= 0x80 && code < 0xa0))
            return false;
    }
    return true;
}

bool config_valid_host(const char *value)
{
    size_t length = strlen(value);

    if (length == 0 || strspn(value, LETTERS DIGITS ".-") != length)
        return false;
    return !strchr(".-", value[0]) && !strchr(".-", value[length - 1]) && !strstr(value, "..");
}

bool config_valid_text(const char *value)
{
    return !has_control(value) && is_showable(value);
}

bool config_valid_word(const char *value)
{
    return config_valid_text(value) && !strchr(value, ' ');
}

/* What may stand in a URL (RFC 3986), and the braces of a template's variable. */
#define URL_BYTES LETTERS DIGITS "-._~:/?#[]@!$&'()*+,;=%{}"

bool config_valid_url(const char *value)
{
    size_t scheme = strncmp(value, "https://", 8) == 0  ? 8
                    : strncmp(value, "http://", 7) == 0 ? 7
                                                        : 0;

    if (!*value)
        return true;
    return scheme > 0 && value[scheme] && !strchr("/?#:@", value[scheme]) &&
           strspn(value, URL_BYTES) == strlen(value);
}

bool config_valid_path(const char *value)
{
    return !has_control(value);
}

bool config_valid_absolute(const char *value)
{
    return !has_control(value) && (!*value || *value == '/');
}

bool config_valid_user(const char *value)
{
    size_t length = strlen(value);

    return strspn(value, LETTERS DIGITS "_.-") == length && *value != '-';
}

bool config_valid_room(const char *value)
{
    return value[0] == '#' && value[1] && config_valid_word(value) && !strchr(value, ',');
}

bool config_valid_oper(const char *value)
{
    return value[0] != ':' && config_valid_word(value);
}

bool config_valid_password(const char *value)
{
    struct pli_password password;

    return pli_password_parse(value, &password);
}

bool config_valid_network(const char *value)
{
    struct pl_network network;

    return pl_network_parse(value, &network) == 0;
}

bool config_valid_webirc(const char *value)
{
    return pli_password_is_hash(value) ? config_valid_password(value) : config_valid_oper(value);
}

bool config_valid_targets(const char *value)
{
    return *value && value[strspn(value, "cpNnPqatu")] == '\0';
}

bool config_valid_target(const char *value)
{
    static const char *const names[] = {"stderr", "syslog", "journal"};
    size_t i;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(value, names[i]) == 0)
            return true;
    return config_valid_path(value) && strpbrk(value, "./");
}

/* Splits [HOST%ZONE] into HOST, which is copied, and %ZONE, which is returned ("" if none). */
static const char *split_address(const char *value, char host[static INET6_ADDRSTRLEN],
                                 size_t *zone_length)
{
    size_t length = strlen(value);
    size_t host_length;

    *zone_length = 0;
    host[0] = '\0';
    if (length >= 2 && value[0] == '[' && value[length - 1] == ']') {
        value++;
        length -= 2;
    }
    host_length = strcspn(value, "%]");
    if (host_length > length)
        host_length = length;
    if (host_length >= INET6_ADDRSTRLEN)
        return "";
    memcpy(host, value, host_length);
    host[host_length] = '\0';
    *zone_length = length - host_length;
    return value + host_length;
}

bool config_valid_address(const char *value)
{
    char host[INET6_ADDRSTRLEN];
    struct in6_addr six;
    struct in_addr four;
    size_t zone_length;
    const char *zone;

    if (strcmp(value, "*") == 0 || inet_pton(AF_INET, value, &four) == 1)
        return true;
    zone = split_address(value, host, &zone_length);
    if (inet_pton(AF_INET6, host, &six) != 1)
        return false;
    /* An interface's name or number. */
    if (zone_length == 0)
        return true;
    return zone[0] == '%' && zone_length > 1 && zone_length <= 16 &&
           strspn(zone + 1, LETTERS DIGITS "_.-") >= zone_length - 1;
}

bool config_valid_server(const char *value)
{
    struct in_addr four;

    return !*value || inet_pton(AF_INET, value, &four) == 1;
}

void config_canonical_address(const char *value, char buffer[static CONFIG_ADDRESS_SIZE])
{
    char host[INET6_ADDRSTRLEN];
    struct in6_addr six;
    size_t zone_length;
    const char *zone = split_address(value, host, &zone_length);
    int written;

    if (inet_pton(AF_INET6, host, &six) == 1 && inet_ntop(AF_INET6, &six, host, sizeof(host)))
        written = snprintf(buffer, CONFIG_ADDRESS_SIZE, "%s%.*s", host, (int)zone_length, zone);
    else
        written = snprintf(buffer, CONFIG_ADDRESS_SIZE, "%s", value);
    assert(written >= 0 && written < CONFIG_ADDRESS_SIZE);
}
