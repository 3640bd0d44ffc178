/* SPDX-License-Identifier: MIT */
/* What is kept of registered channels. */
#include "config.h"

#include "store/lines.h"
#include "tests/unit/store_house.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct house house;

#define APPLY(change, expected)                                                                    \
    do {                                                                                           \
        struct store_change applied = (change);                                                    \
        EXPECT_RESULT(store_apply(house.store, &applied), expected);                               \
    } while (0)

static int print(const struct store_record *record, void *argument)
{
    EXPECT_RESULT(store_line_write(record, argument), 0);
    return 0;
}

static void expect_records(struct place place, enum store_query query, const char *expected)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    EXPECT(file, "no memory");
    EXPECT_RESULT(store_read(house.store, query, NULL, print, file), 0);
    fclose(file);
    if (strcmp(text, expected) != 0)
        expect_fail(place, "expected:\n%sread:\n%s", expected, text);
    free(text);
}

#define EXPECT_RECORDS(query, text) expect_records(HERE, query, text)

static struct store_change put_access(uint64_t channel, const char *account, uint64_t level)
{
    return (struct store_change){
        .operation = STORE_PUT,
        .record = {.kind = STORE_ACCESS,
                   .access = {.channel = channel, .account = account, .by = "ann", .level = level}},
    };
}

static struct store_change put_mask(uint64_t channel, enum store_mask_kind kind, const char *mask)
{
    return (struct store_change){
        .operation = STORE_PUT,
        .record = {.kind = STORE_MASK,
                   .mask = {.channel = channel, .kind = kind, .mask = mask, .by = "ann"}},
    };
}

static struct store_change added(struct store_change change)
{
    change.operation = STORE_ADD;
    return change;
}

static void channels_are_found_by_their_number_whatever_their_name(void)
{
    house_begin(&house);
    APPLY(put_channel(7, "#a"), 0);
    APPLY(put_channel(9, "#c"), 0);
    APPLY(added(put_channel(7, "#b")), STORE_TAKEN);
    APPLY(put_channel(7, "#b"), 0);
    EXPECT_RECORDS(STORE_ALL_CHANNELS, HOUSE_CHANNEL("#b", "7") HOUSE_CHANNEL("#c", "9"));
    APPLY(dropped(put_channel(8, NULL)), STORE_MISSING);
    APPLY(dropped(put_channel(9, NULL)), 0);
    EXPECT_RECORDS(STORE_ALL_CHANNELS, HOUSE_CHANNEL("#b", "7"));
    APPLY(put_channel(0, "#d"), -EINVAL);
    APPLY(put_channel(1, NULL), -EINVAL);
    house_end(&house);
}

static void access_and_masks_are_a_channels_and_go_with_it(void)
{
    struct store_change mask = put_mask(7, STORE_MASK_KINDS, "x!*@*");

    house_begin(&house);
    APPLY(put_access(7, "bob", 4), STORE_MISSING);
    APPLY(put_mask(7, STORE_MASK_BAN, "x!*@*"), STORE_MISSING);
    APPLY(put_channel(7, "#a"), 0);
    APPLY(put_channel(8, "#b"), 0);
    APPLY(put_access(7, "bob", 4), 0);
    APPLY(added(put_access(7, "bob", 1)), STORE_TAKEN);
    APPLY(put_access(7, "bob", 2), 0);
    APPLY(put_access(8, "bob", 1), 0);
    APPLY(put_mask(7, STORE_MASK_BAN, "x!*@*"), 0);
    APPLY(put_mask(7, STORE_MASK_BAN, "X!*@*"), 0);
    APPLY(put_mask(7, STORE_MASK_INVITE, "x!*@*"), 0);
    APPLY(added(put_mask(7, STORE_MASK_INVITE, "X!*@*")), STORE_TAKEN);
    APPLY(mask, -EINVAL);
    EXPECT_RECORDS(STORE_ALL_ACCESS,
                   "{\"type\":\"access\",\"account\":\"bob\",\"by\":\"ann\",\"channel\":7,"
                   "\"level\":2,\"added\":0}\n"
                   "{\"type\":\"access\",\"account\":\"bob\",\"by\":\"ann\",\"channel\":8,"
                   "\"level\":1,\"added\":0}\n");
    EXPECT_RECORDS(STORE_ALL_MASKS,
                   "{\"type\":\"mask\",\"mask\":\"X!*@*\",\"by\":\"ann\",\"kind\":\"ban\","
                   "\"channel\":7,\"set\":0}\n"
                   "{\"type\":\"mask\",\"mask\":\"x!*@*\",\"by\":\"ann\",\"kind\":\"invite\","
                   "\"channel\":7,\"set\":0}\n");
    APPLY(dropped(put_mask(7, STORE_MASK_BAN, "x!*@*")), 0);
    APPLY(dropped(put_mask(7, STORE_MASK_BAN, "x!*@*")), STORE_MISSING);
    APPLY(dropped(put_access(7, "ann", 0)), STORE_MISSING);
    APPLY(dropped(put_channel(7, NULL)), 0);
    EXPECT_RESULT(house_count(&house, STORE_ALL_ACCESS, NULL), 1);
    EXPECT_RESULT(house_count(&house, STORE_ALL_MASKS, NULL), 0);
    APPLY(dropped(put_access(8, "bob", 0)), 0);
    house_end(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"channels are found by their number, whatever their name",
         channels_are_found_by_their_number_whatever_their_name},
        {"access and masks are a channel's and go with it",
         access_and_masks_are_a_channels_and_go_with_it},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "store: channels", tests);
}
