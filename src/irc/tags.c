/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/tags.h"

#include "irc/cap.h"

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static bool is_name(struct chat_text text, const char *others)
{
    for (size_t i = 0; i < text.length; i++)
        if (!is_letter_or_digit(text.data[i]) && !strchr(others, text.data[i]))
            return false;
    return text.length > 0;
}

/* + [vendor /] name, where the vendor is a host's name. */
static bool is_client_only(struct chat_text key)
{
    const char *slash;
    size_t vendor;

    if (key.length == 0 || key.data[0] != '+')
        return false;
    key = (struct chat_text){key.data + 1, key.length - 1};
    slash = key.length > 0 ? memchr(key.data, '/', key.length) : NULL;
    if (!slash)
        return is_name(key, "-");
    vendor = (size_t)(slash - key.data);
    return is_name((struct chat_text){key.data, vendor}, "-.:") &&
           is_name((struct chat_text){slash + 1, key.length - vendor - 1}, "-");
}

/* The shortest tag is "+a". */
#define TAGS_MAX (IRC_OWN_TAGS_MAX / 3 + 1)

/* Adds a tag, or gives one that is there its value. */
static size_t keep(struct irc_tag *kept, size_t count, const struct irc_tag *tag)
{
    for (size_t i = 0; i < count; i++) {
        if (chat_text_equal(kept[i].key, tag->key)) {
            kept[i].value = tag->value;
            return count;
        }
    }
    kept[count] = *tag;
    return count + 1;
}

static size_t append(char *out, size_t length, struct chat_text text)
{
    memcpy(out + length, text.data, text.length);
    return length + text.length;
}

struct chat_text irc_tags_for_clients(struct chat_text tags, char out[static IRC_OWN_TAGS_MAX])
{
    struct irc_tag kept[TAGS_MAX];
    struct irc_tag tag;
    size_t length = 0;
    size_t count = 0;

    while (irc_tag_next(&tags, &tag))
        if (is_client_only(tag.key))
            count = keep(kept, count, &tag);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            out[length++] = ';';
        length = append(out, length, kept[i].key);
        if (kept[i].value.length == 0)
            continue;
        out[length++] = '=';
        length = append(out, length, kept[i].value);
    }
    return (struct chat_text){out, length};
}

struct chat_text irc_client_tags(const struct irc_client *client, const struct irc_message *message,
                                 char out[static IRC_OWN_TAGS_MAX])
{
    unsigned caps = atomic_load_explicit(&client->caps, memory_order_relaxed);

    if (message->tags.length == 0 || !(caps & IRC_CAP_MESSAGE_TAGS))
        return CHAT_NO_TEXT;
    return irc_tags_for_clients(message->tags, out);
}
