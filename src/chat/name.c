/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/name.h"

#include "base/text.h"
#include "base/utf8.h"
#include "chat/outcome.h"

#include <stdlib.h>

struct chat_text chat_fold(struct chat_text text, char folded[static CHAT_NAME_MAX])
{
    if (text.length > CHAT_NAME_MAX)
        return CHAT_NO_TEXT;
    for (size_t i = 0; i < text.length; i++)
        folded[i] = pli_ascii_lower(text.data[i]);
    return (struct chat_text){folded, text.length};
}

struct chat_name *chat_name_new(struct chat_text text)
{
    struct chat_name *name = malloc(sizeof *name + 2 * (text.length + 1));
    char *folded;

    if (!name)
        return NULL;
    folded = name->text + text.length + 1;
    name->length = text.length;
    for (size_t i = 0; i < text.length; i++) {
        name->text[i] = text.data[i];
        folded[i] = pli_ascii_lower(text.data[i]);
    }
    name->text[text.length] = '\0';
    folded[text.length] = '\0';
    return name;
}

static bool is_letter(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_nick_byte(char byte, bool first)
{
    if (is_letter(byte) || (byte && strchr("_[]\\`^{}|", byte)))
        return true;
    return !first && ((byte >= '0' && byte <= '9') || byte == '-');
}

int chat_nick_check(struct chat_text text, size_t most)
{
    if (text.length == 0)
        return CHAT_NICK_BAD;
    for (size_t i = 0; i < text.length; i++)
        if (!is_nick_byte(text.data[i], i == 0))
            return CHAT_NICK_BAD;
    return text.length > most ? CHAT_NICK_LONG : 0;
}

static bool is_channel_byte(char byte)
{
    unsigned char value = (unsigned char)byte;

    return value > ' ' && value != ',' && value != 127;
}

int chat_channel_check(struct chat_text text, size_t most)
{
    if (text.length < 2 || text.data[0] != '#')
        return CHAT_CHANNEL_BAD;
    for (size_t i = 1; i < text.length; i++)
        if (!is_channel_byte(text.data[i]))
            return CHAT_CHANNEL_BAD;
    if (!pli_utf8_is_valid(text.data, text.length))
        return CHAT_CHANNEL_BAD;
    return text.length > most ? CHAT_CHANNEL_LONG : 0;
}

static bool is_username_byte(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || (byte && strchr("-._", byte));
}

struct chat_text chat_username_make(struct chat_text given, char name[static CHAT_USERNAME_MADE])
{
    size_t length = 1;

    name[0] = '~';
    for (size_t i = 0; i < given.length && length < CHAT_USERNAME_MADE; i++)
        if (is_username_byte(given.data[i]))
            name[length++] = given.data[i];
    if (length == 1)
        name[length++] = 'u';
    return (struct chat_text){name, length};
}
