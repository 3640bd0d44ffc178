/* SPDX-License-Identifier: MIT */
/*
 * What operators write of bans: prefixes of addresses and durations. A prefix that is read is
 * written in one way, which reads back to the same; it covers itself, and a table finds it.
 */
#include "config.h"

#include "base/prefix.h"
#include "chat/chat.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LONGEST (UINT64_C(10) * 365 * 24 * 60 * 60)

static void must(bool condition)
{
    if (!condition)
        abort();
}

static void check_prefix(const struct pli_prefix *prefix)
{
    struct pli_prefix_node node = {.prefix = *prefix};
    struct pli_prefix_table table;
    struct pli_prefix again;
    char text[PLI_PREFIX_TEXT];

    pli_prefix_text(prefix, text);
    must(pli_prefix_parse(text, strlen(text), &again));
    must(memcmp(&again, prefix, sizeof again) == 0);
    must(pli_prefix_covers(prefix, &again));
    if (pli_prefix_table_init(&table) < 0)
        return;
    pli_prefix_add(&table, &node);
    must(pli_prefix_find(&table, &again, NULL, NULL) == &node);
    pli_prefix_remove(&table, &node);
    must(!pli_prefix_find(&table, &again, NULL, NULL));
    pli_prefix_table_deinit(&table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chat_text text = {(const char *)data, size};
    struct pli_prefix prefix;
    uint64_t seconds;

    if (pli_prefix_parse(text.data, text.length, &prefix))
        check_prefix(&prefix);
    if (chat_duration_parse(text, &seconds))
        must(seconds <= LONGEST);
    return 0;
}
