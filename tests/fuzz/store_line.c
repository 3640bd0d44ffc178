/* SPDX-License-Identifier: MIT */
/*
 * Lines of an import. What is read as a record fits the store, and is the same record when it is
 * written and read again.
 */
#include "config.h"

#include "store/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int truth)
{
    if (!truth)
        abort();
}

static char *write_line(const struct store_change *change, size_t *size)
{
    char *text = NULL;
    FILE *file = open_memstream(&text, size);

    must(file && store_line_write(&change->record, file) == 0);
    must(fclose(file) == 0);
    return text;
}

static void write_and_read_again(const struct store_change *change)
{
    struct store_change *again;
    char why[STORE_WHY];
    size_t size, size_again;
    char *text = write_line(change, &size);
    char *text_again;

    must(store_line_read(text, size, &again, why) == 0);
    text_again = write_line(again, &size_again);
    must(size == size_again && memcmp(text, text_again, size) == 0);
    free(text_again);
    free(again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct store_change *change;
    char why[STORE_WHY] = "";
    int rc;

    if (size > STORE_LINE_MAX)
        return 0;
    rc = store_line_read_head((const char *)data, size, why);
    must(rc == 0 || (rc == STORE_LINE_BAD && *why));
    *why = '\0';
    rc = store_line_read((const char *)data, size, &change, why);
    must(rc == 0 ? change != NULL : rc == STORE_LINE_BAD && *why && !change);
    if (rc != 0)
        return 0;
    must(!store_change_fault(change));
    write_and_read_again(change);
    free(change);
    return 0;
}
