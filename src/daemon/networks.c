/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/networks.h"

#include "chat/text.h"

#include <assert.h>

size_t networks_read(const char *words, struct pl_network *networks, size_t most)
{
    struct chat_text rest = chat_text(words);
    struct chat_text word;
    size_t count = 0;
    char text[64];

    while (count < most && chat_text_next(&rest, ' ', &word)) {
        assert(word.length < sizeof(text));
        memcpy(text, word.data, word.length);
        text[word.length] = '\0';
        if (pl_network_parse(text, &networks[count]) == 0) /* the configuration takes no other */
            count++;
    }
    return count;
}
