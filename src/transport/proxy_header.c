/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/proxy_header.h"

#include <stdint.h>
#include <string.h>

static enum pli_proxy_outcome bad(struct pli_proxy_header *header, const char *wrong)
{
    header->wrong = wrong;
    return PLI_PROXY_BAD;
}

static enum pli_proxy_outcome more(struct pli_proxy_header *header, size_t size)
{
    header->size = size;
    return PLI_PROXY_MORE;
}

/* Whether the bytes begin with the SIGNATURE of SIZE bytes or, if they are fewer, it with them. */
static bool agrees(const char *data, size_t length, const char *signature, size_t size)
{
    return memcmp(data, signature, length < size ? length : size) == 0;
}

/* -- Version 1 (section 2.1) ---------------------------------------------------------------- */

#define V1_SIGNATURE        "PROXY "
#define V1_SIGNATURE_LENGTH (sizeof(V1_SIGNATURE) - 1)
#define V1_LEAST            (sizeof("PROXY UNKNOWN\r\n") - 1)

/* Takes the next of the fields, which have one space between them, off REST; NULL: none is left. */
static char *next_field(char **rest)
{
    char *field = *rest;
    char *space = field ? strchr(field, ' ') : NULL;

    if (space)
        *space = '\0';
    *rest = space ? space + 1 : NULL;
    return field;
}

/* Reads a port without leading zeros; false if it is none. */
static bool read_port(const char *text, unsigned *port)
{
    size_t length = text ? strspn(text, "0123456789") : 0;

    if (length == 0 || length > 5 || text[length] || (text[0] == '0' && length > 1))
        return false;
    *port = 0;
    for (; *text; text++)
        *port = *port * 10 + (unsigned)(*text - '0');
    return *port <= UINT16_MAX;
}

/* What follows the family: source and destination, address by address and port by port. */
static enum pli_proxy_outcome read_v1_addresses(char *rest, bool is_ipv6,
                                                struct pli_proxy_header *header)
{
    const char *source = next_field(&rest);
    const char *destination = next_field(&rest);
    const char *source_port = next_field(&rest);
    const char *destination_port = next_field(&rest);
    struct pli_address unused;
    unsigned port, unused_port;

    if (!read_port(source_port, &port) || !read_port(destination_port, &unused_port) || rest)
        return bad(header, "no two ports");
    if ((strchr(source, ':') != NULL) != is_ipv6 || (strchr(destination, ':') != NULL) != is_ipv6 ||
        pli_address_read(source, port, &header->peer) < 0 ||
        pli_address_read(destination, 0, &unused) < 0)
        return bad(header, "no two addresses of the family");
    return PLI_PROXY_NAMED;
}

/* A line that is whole, its end taken off. */
static enum pli_proxy_outcome read_v1_line(char *line, struct pli_proxy_header *header)
{
    char *rest = line + V1_SIGNATURE_LENGTH;
    const char *family = next_field(&rest);

    if (strcmp(family, "UNKNOWN") == 0)
        return PLI_PROXY_UNKNOWN; /* whatever follows */
    if (strcmp(family, "TCP4") == 0)
        return read_v1_addresses(rest, false, header);
    if (strcmp(family, "TCP6") == 0)
        return read_v1_addresses(rest, true, header);
    return bad(header, "no known family");
}

static enum pli_proxy_outcome read_v1(const char *data, size_t length,
                                      struct pli_proxy_header *header)
{
    size_t looked_at = length < PLI_PROXY_V1_MAX ? length : PLI_PROXY_V1_MAX;
    const char *end = memchr(data, '\n', looked_at);
    char line[PLI_PROXY_V1_MAX];
    size_t size;

    if (!end && length >= PLI_PROXY_V1_MAX)
        return bad(header, "a line that is too long");
    if (!end)
        return more(header, length < V1_LEAST ? V1_LEAST : length + 1);
    size = (size_t)(end - data) + 1;
    if (size < V1_SIGNATURE_LENGTH + 2 || end[-1] != '\r')
        return bad(header, "a line without CR LF");
    memcpy(line, data, size - 2);
    line[size - 2] = '\0';
    if (strlen(line) != size - 2)
        return bad(header, "a NUL byte");
    header->size = size;
    return read_v1_line(line, header);
}

/* -- Version 2 (section 2.2) ---------------------------------------------------------------- */

#define V2_SIGNATURE        "\r\n\r\n\0\r\nQUIT\n"
#define V2_SIGNATURE_LENGTH (sizeof(V2_SIGNATURE) - 1)

#define TLV_HEAD       3
#define TLV_CRC32C     0x03
#define CRC32C_LENGTH  4
#define CRC32C_PATTERN UINT32_C(0x82f63b78) /* reflected, RFC 9260, appendix A */

struct v2 {
    const uint8_t *bytes; /* of all of the header */
    size_t size;
    size_t at; /* what has not been read begins there */
};

static unsigned read_16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static uint32_t crc32c_add(uint32_t crc, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? CRC32C_PATTERN : 0);
    }
    return crc;
}

/* The checksum that stands at AT is that of the header with zeros in its place (section 2.2.3). */
static bool crc32c_is_right(const struct v2 *v2, size_t at)
{
    static const uint8_t zeros[CRC32C_LENGTH];
    uint32_t given = (uint32_t)read_16(v2->bytes + at) << 16 | read_16(v2->bytes + at + 2);
    uint32_t crc = crc32c_add(UINT32_MAX, v2->bytes, at);

    crc = crc32c_add(crc, zeros, sizeof(zeros));
    crc = crc32c_add(crc, v2->bytes + at + CRC32C_LENGTH, v2->size - at - CRC32C_LENGTH);
    return ~crc == given;
}

/* What follows the addresses: type, length and value, again and again. NULL, or what is wrong. */
static const char *check_tlvs(struct v2 *v2)
{
    size_t checksum = 0;

    while (v2->at < v2->size) {
        size_t rest = v2->size - v2->at;
        size_t length = rest < TLV_HEAD ? 0 : read_16(v2->bytes + v2->at + 1);
        unsigned type = v2->bytes[v2->at];

        if (rest < TLV_HEAD || length > rest - TLV_HEAD)
            return "a vector that does not end with it";
        if (type == TLV_CRC32C && (checksum || length != CRC32C_LENGTH))
            return "no checksum, or two";
        if (type == TLV_CRC32C)
            checksum = v2->at + TLV_HEAD;
        v2->at += TLV_HEAD + length;
    }
    return checksum && !crc32c_is_right(v2, checksum) ? "a checksum that is wrong" : NULL;
}

/* Takes addresses of LENGTH bytes, and the ports, which Unix sockets do not have. */
static enum pli_proxy_outcome read_v2_addresses(struct v2 *v2, int family, size_t length,
                                                struct pli_proxy_header *header)
{
    const uint8_t *source = v2->bytes + v2->at;
    size_t size = 2 * length + (family == AF_UNIX ? 0 : 2 * sizeof(uint16_t));
    const char *wrong;

    if (v2->size - v2->at < size)
        return bad(header, "too short for its addresses");
    if (family != AF_UNIX)
        pli_address_take(&header->peer, family, source, read_16(source + 2 * length));
    v2->at += size;
    wrong = check_tlvs(v2);
    if (wrong)
        return bad(header, wrong);
    /* What is a Unix socket to the proxy is none to us. */
    return family == AF_UNIX ? PLI_PROXY_UNKNOWN : PLI_PROXY_NAMED;
}

static enum pli_proxy_outcome read_v2_block(const uint8_t *bytes, struct pli_proxy_header *header)
{
    struct v2 v2 = {.bytes = bytes, .size = header->size, .at = PLI_PROXY_V2_HEAD};
    unsigned family = bytes[13] >> 4;

    if ((bytes[12] & 0x0f) == 0)
        return PLI_PROXY_LOCAL;
    if (family == 0 || (bytes[13] & 0x0f) == 0)
        return PLI_PROXY_UNKNOWN; /* of another form than one that is known */
    if (family == 1)
        return read_v2_addresses(&v2, AF_INET, 4, header);
    if (family == 2)
        return read_v2_addresses(&v2, AF_INET6, 16, header);
    return read_v2_addresses(&v2, AF_UNIX, 108, header);
}

/* What can be said of the first bytes, as far as they are there. NULL, or what is wrong. */
static const char *check_v2_head(const uint8_t *bytes, size_t length)
{
    bool is_local = length > 12 && (bytes[12] & 0x0f) == 0;

    if (length > 12 && bytes[12] >> 4 != 2)
        return "no known version";
    if (length > 12 && (bytes[12] & 0x0f) > 1)
        return "no known command";
    if (length > 13 && !is_local && (bytes[13] >> 4 > 3 || (bytes[13] & 0x0f) > 2))
        return "no known family";
    if (length >= PLI_PROXY_V2_HEAD && read_16(bytes + 14) > PLI_PROXY_V2_MAX)
        return "too long";
    return NULL;
}

static enum pli_proxy_outcome read_v2(const char *data, size_t length,
                                      struct pli_proxy_header *header)
{
    const uint8_t *bytes = (const uint8_t *)data;
    const char *wrong = check_v2_head(bytes, length);

    if (wrong)
        return bad(header, wrong);
    if (length < PLI_PROXY_V2_HEAD)
        return more(header, PLI_PROXY_V2_HEAD);
    header->size = PLI_PROXY_V2_HEAD + read_16(bytes + 14);
    if (length < header->size)
        return PLI_PROXY_MORE;
    return read_v2_block(bytes, header);
}

enum pli_proxy_outcome pli_proxy_header_read(const char *data, size_t length,
                                             struct pli_proxy_header *header)
{
    if (length == 0)
        return more(header, V1_LEAST);
    if (agrees(data, length, V1_SIGNATURE, V1_SIGNATURE_LENGTH))
        return read_v1(data, length, header);
    if (agrees(data, length, V2_SIGNATURE, V2_SIGNATURE_LENGTH))
        return read_v2(data, length, header);
    return bad(header, "something else");
}
