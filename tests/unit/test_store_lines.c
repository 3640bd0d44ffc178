/* SPDX-License-Identifier: MIT */
/* Records as lines of JSON: what is written is read again, and what makes no sense is refused. */
#include "config.h"

#include "store/lines.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ANN                                                                                        \
    "{\"type\":\"account\",\"folded\":\"ann\",\"name\":\"Ann\",\"keys\":\"k\",\"email\":\"\","     \
    "\"code\":\"c\",\"created\":7,\"flags\":3,\"sent\":6}"
#define CERTIFICATE                                                                                \
    "{\"type\":\"certificate\",\"fingerprint\":\"f1\",\"account\":\"ann\",\"added\":8}"
#define BAN                                                                                        \
    "{\"type\":\"ban\",\"mask\":\"*@x\",\"reason\":\"\\u0002caf\xc3\xa9 \\\"q\\\"\",\"by\":\"\","  \
    "\"kind\":\"channel\",\"set\":9,\"expires\":9223372036854775807}"

#define MARKER                                                                                     \
    "{\"type\":\"kept\",\"account\":\"ann\",\"key\":\"#a\",\"value\":\"\","                        \
    "\"kind\":\"marker\",\"number\":10}"
#define METADATA                                                                                   \
    "{\"type\":\"kept\",\"account\":\"ann\",\"key\":\"url\",\"value\":\"x y\","                    \
    "\"kind\":\"metadata\",\"number\":0}"

#define CHANNEL                                                                                    \
    "{\"type\":\"channel\",\"name\":\"#a\",\"founder\":\"ann\",\"successor\":\"bob\",\"topic\":"   \
    "\"t\","                                                                                       \
    "\"topic_by\":\"Ann\",\"modes\":\"ntk key\",\"lock\":\"+nt-i\",\"about\":\"a\",\"url\":\"u\"," \
    "\"id\":9223372036854775807,\"created\":1,\"registered\":2,\"topic_set\":3,\"flags\":4,"       \
    "\"history\":5,\"origin\":6}"
#define ACCESS                                                                                     \
    "{\"type\":\"access\",\"account\":\"bob\",\"by\":\"ann\",\"channel\":1,\"level\":4,\"added\":" \
    "5}"
#define MASK                                                                                       \
    "{\"type\":\"mask\",\"mask\":\"*!*@*\",\"by\":\"\",\"kind\":\"exception\",\"channel\":1,"      \
    "\"set\":5}"

static char *write_line(const struct store_record *record)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);

    EXPECT(file, "no memory");
    if (record)
        EXPECT_RESULT(store_line_write(record, file), 0);
    else
        EXPECT_RESULT(store_line_write_head(file), 0);
    fclose(file);
    return text;
}

/* A line is what its record is written as. */
static void expect_same(struct place place, const char *line)
{
    struct store_change *change;
    char why[STORE_WHY] = "";
    char *written;

    if (store_line_read(line, strlen(line), &change, why) != 0)
        expect_fail(place, "%s: %s", line, why);
    written = write_line(&change->record);
    if (change->operation != STORE_ADD || strncmp(written, line, strlen(line)) != 0 ||
        strcmp(written + strlen(line), "\n") != 0)
        expect_fail(place, "expected %s, got %s", line, written);
    free(written);
    free(change);
}

static void what_is_written_is_read_again(void)
{
    expect_same(HERE, ANN);
    expect_same(HERE, CERTIFICATE);
    expect_same(HERE, BAN);
    expect_same(HERE, MARKER);
    expect_same(HERE, METADATA);
    expect_same(HERE, CHANNEL);
    expect_same(HERE, ACCESS);
    expect_same(HERE, MASK);
}

static void the_head_is_read_again(void)
{
    char *head = write_line(NULL);
    char why[STORE_WHY];

    CU_ASSERT_STRING_EQUAL(head, "{\"type\":\"paceline\",\"version\":1}\n");
    EXPECT_RESULT(store_line_read_head(head, strlen(head), why), 0);
    free(head);
}

static void expect_bad(struct place place, bool head, const char *line, const char *expected)
{
    struct store_change *change = NULL;
    char why[STORE_WHY] = "";
    int rc = head ? store_line_read_head(line, strlen(line), why)
                  : store_line_read(line, strlen(line), &change, why);

    if (rc != STORE_LINE_BAD || change || !strstr(why, expected))
        expect_fail(place, "%s: %d, %s", line, rc, why);
}
#define EXPECT_BAD(line, why)      expect_bad(HERE, false, line, why)
#define EXPECT_BAD_HEAD(line, why) expect_bad(HERE, true, line, why)

static void what_is_no_record_is_refused_with_a_reason(void)
{
    EXPECT_BAD("", "at byte 0");
    EXPECT_BAD("{", "at byte 1");
    EXPECT_BAD("[1]", "an object expected");
    EXPECT_BAD(ANN ANN, "end of file expected");
    EXPECT_BAD("{\"type\":\"ban\",\"type\":\"ban\"}", "duplicate object key");
    EXPECT_BAD("{\"type\":\"ban\xff\"}", "unable to decode byte 0xff");
    EXPECT_BAD("{\"type\":\"a\\u0000b\"}", "\\u0000 is not allowed");
    EXPECT_BAD("{}", "type: it is missing");
    EXPECT_BAD("{\"type\":1}", "type: a string expected");
    EXPECT_BAD("{\"type\":\"paceline\",\"version\":1}", "type: the name of a kind");
    EXPECT_BAD("{\"type\":\"mask\",\"mask\":\"*!*@*\",\"by\":\"\",\"kind\":\"user\",\"channel\":1,"
               "\"set\":5}",
               "kind: \"ban\", \"exception\" or \"invite\" expected");
    EXPECT_BAD("{\"type\":\"access\",\"account\":\"bob\",\"by\":\"\",\"channel\":0,\"level\":4,"
               "\"added\":5}",
               "channel: it is too long, too great, 0");
    EXPECT_BAD("{\"type\":\"channel\",\"name\":\"#a\"}", "founder: it is missing");
    EXPECT_BAD("{\"type\":\"kept\",\"account\":\"a\",\"key\":\"k\",\"value\":\"\",\"number\":1,"
               "\"kind\":\"user\"}",
               "kind: \"marker\", ");
    EXPECT_BAD("{\"type\":\"kept\",\"account\":\"a\",\"key\":\"\",\"value\":\"\",\"number\":1,"
               "\"kind\":\"marker\"}",
               "key: it is too long");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"f\",\"account\":\"a\"}",
               "added: it is missing");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"f\",\"account\":\"a\",\"added\":-1}",
               "added: a whole number, 0 or more, expected");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"f\",\"account\":\"a\",\"added\":1.5}",
               "added: a whole number");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"f\",\"account\":\"a\",\"added\":"
               "9223372036854775808}",
               "too big integer");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"\",\"account\":\"a\",\"added\":1}",
               "fingerprint: it is too long");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"a\\nb\",\"account\":\"a\",\"added\":1}",
               "fingerprint: it is too long");
    EXPECT_BAD("{\"type\":\"certificate\",\"fingerprint\":\"f\",\"account\":\"a\",\"added\":1,"
               "\"more\":1}",
               "certificate: it has members that are not known");
    EXPECT_BAD("{\"type\":\"ban\",\"mask\":\"*@x\",\"reason\":\"\",\"by\":\"\",\"kind\":\"x\","
               "\"set\":1,\"expires\":0}",
               "kind: \"user\", \"address\" or \"channel\" expected");
    EXPECT_BAD_HEAD(ANN, "type: \"paceline\" expected");
    EXPECT_BAD_HEAD("{\"type\":\"paceline\"}", "version: it is missing");
    EXPECT_BAD_HEAD("{\"type\":\"paceline\",\"version\":2}", "version: only 1 is known");
    EXPECT_BAD_HEAD("x", "at byte");
}

/* As deep as a line can be. */
static void depth_is_bounded(void)
{
    static char line[STORE_LINE_MAX];

    memset(line, '[', sizeof(line) - 1);
    EXPECT_BAD(line, "maximum parsing depth reached");
}

static void a_device_that_is_full_is_an_error(void)
{
    struct store_record record = {.kind = STORE_BAN, .ban = {.mask = "x", .reason = "", .by = ""}};
    FILE *file = fopen("/dev/full", "w");

    EXPECT(file, "no /dev/full");
    setbuf(file, NULL);
    EXPECT_RESULT(store_line_write(&record, file), -EIO);
    fclose(file);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is written is read again", what_is_written_is_read_again},
        {"the head is read again", the_head_is_read_again},
        {"what is no record is refused with a reason", what_is_no_record_is_refused_with_a_reason},
        {"depth is bounded", depth_is_bounded},
        {"a device that is full is an error", a_device_that_is_full_is_an_error},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "store's lines", tests);
}
