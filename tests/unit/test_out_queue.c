/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"
#include "transport/out_queue.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#define NO_LIMIT  PL_MESSAGE_MAX
#define MANY      100
#define APPENDERS 4u

static struct pl_message *message_of(const char *text)
{
    struct pl_message *message;

    EXPECT_RESULT(pl_message_new(text, strlen(text), &message), 0);
    return message;
}

static int append(struct pli_out_queue *queue, const char *text)
{
    return pli_out_queue_append(queue, text, strlen(text), NO_LIMIT);
}

/* Pushes a message of which only the queue keeps a reference. */
static int push(struct pli_out_queue *queue, const char *text)
{
    struct pl_message *message = message_of(text);
    int rc = pli_out_queue_push(queue, message, NO_LIMIT);

    pl_message_unref(message);
    return rc;
}

/* Copies what the parts hold; returns how many bytes that are. */
static size_t gather(const struct iovec *parts, int count, char *text)
{
    size_t length = 0;

    for (int i = 0; i < count; i++) {
        memcpy(text + length, parts[i].iov_base, parts[i].iov_len);
        length += parts[i].iov_len;
    }
    return length;
}

/* The queue holds exactly TEXT. */
#define EXPECT_HOLDS(queue, text) expect_holds(HERE, queue, text)
static void expect_holds(struct place place, struct pli_out_queue *queue, const char *text)
{
    struct iovec parts[MANY];
    char got[4096];
    size_t length = gather(parts, pli_out_queue_parts(queue, parts, MANY), got);

    if (length != strlen(text) || memcmp(got, text, length) != 0)
        expect_fail(place, "the queue holds '%.*s', not '%s'", (int)length, got, text);
    if (pli_out_queue_bytes(queue) != length)
        expect_fail(place, "%zu bytes are counted, %zu there", pli_out_queue_bytes(queue), length);
}

static void what_is_appended_comes_out_in_order(void)
{
    struct pli_out_queue queue;

    pli_out_queue_init(&queue);
    EXPECT_HOLDS(&queue, "");
    EXPECT_RESULT(append(&queue, "one "), 0);
    EXPECT_RESULT(push(&queue, "two "), 0);
    EXPECT_RESULT(append(&queue, "three "), 0);
    EXPECT_RESULT(append(&queue, "four"), 0);
    EXPECT_HOLDS(&queue, "one two three four");
    pli_out_queue_advance(&queue, 6);
    EXPECT_HOLDS(&queue, "o three four");
    pli_out_queue_advance(&queue, 12);
    EXPECT_HOLDS(&queue, "");
    pli_out_queue_deinit(&queue);
}

static void small_texts_are_one_part(void)
{
    struct pli_out_queue queue;
    struct iovec parts[MANY];

    pli_out_queue_init(&queue);
    for (unsigned i = 0; i < 20; i++)
        EXPECT_RESULT(append(&queue, "0123456789"), 0);
    EXPECT_RESULT(pli_out_queue_parts(&queue, parts, MANY), 1);
    CU_ASSERT_EQUAL(parts[0].iov_len, 200);
    pli_out_queue_deinit(&queue);
}

static void long_text_is_one_part(void)
{
    struct pli_out_queue queue;
    struct iovec parts[MANY];
    char *text = malloc(100000);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, 'x', 100000);
    pli_out_queue_init(&queue);
    EXPECT_RESULT(pli_out_queue_append(&queue, text, 100000, NO_LIMIT), 0);
    EXPECT_RESULT(pli_out_queue_parts(&queue, parts, MANY), 1);
    CU_ASSERT(memcmp(parts[0].iov_base, text, 100000) == 0);
    EXPECT_RESULT(append(&queue, "y"), 0);
    CU_ASSERT_EQUAL(pli_out_queue_bytes(&queue), 100001);
    pli_out_queue_deinit(&queue);
    free(text);
}

static void nothing_appended_leaves_nothing(void)
{
    struct pli_out_queue queue;
    struct iovec parts[MANY];

    pli_out_queue_init(&queue);
    EXPECT_RESULT(append(&queue, ""), 0);
    EXPECT_RESULT(push(&queue, ""), 0);
    EXPECT_RESULT(pli_out_queue_parts(&queue, parts, MANY), 0);
    EXPECT_RESULT(push(&queue, "x"), 0);
    EXPECT_RESULT(append(&queue, ""), 0);
    EXPECT_HOLDS(&queue, "x");
    pli_out_queue_deinit(&queue);
}

static void message_is_shared_not_copied(void)
{
    struct pl_message *message = message_of("shared");
    struct pli_out_queue queues[2];
    struct iovec part;

    for (unsigned i = 0; i < 2; i++) {
        pli_out_queue_init(&queues[i]);
        EXPECT_RESULT(pli_out_queue_push(&queues[i], message, NO_LIMIT), 0);
        EXPECT_RESULT(append(&queues[i], " alone"), 0);
        EXPECT_RESULT(pli_out_queue_parts(&queues[i], &part, 1), 1);
        CU_ASSERT_PTR_EQUAL(part.iov_base, pl_message_data(message));
        EXPECT_HOLDS(&queues[i], "shared alone");
    }
    CU_ASSERT_EQUAL(atomic_load(&message->references), 3);
    pli_out_queue_advance(&queues[0], 5);
    CU_ASSERT_EQUAL(atomic_load(&message->references), 3);
    pli_out_queue_advance(&queues[0], 1);
    CU_ASSERT_EQUAL(atomic_load(&message->references), 2);
    pli_out_queue_deinit(&queues[1]);
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    pli_out_queue_deinit(&queues[0]);
    pl_message_unref(message);
}

static void limit_is_taken_and_no_byte_more(void)
{
    struct pl_message *message = message_of("123");
    struct pli_out_queue queue;

    pli_out_queue_init(&queue);
    EXPECT_RESULT(pli_out_queue_append(&queue, "12345", 5, 4), -ENOBUFS);
    EXPECT_RESULT(pli_out_queue_append(&queue, "1234", 4, 4), 0);
    EXPECT_RESULT(pli_out_queue_append(&queue, "5", 1, 4), -ENOBUFS);
    EXPECT_RESULT(pli_out_queue_append(&queue, "5", SIZE_MAX, 4), -ENOBUFS);
    EXPECT_RESULT(pli_out_queue_push(&queue, message, 6), -ENOBUFS);
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    EXPECT_RESULT(pli_out_queue_push(&queue, message, 7), 0);
    EXPECT_HOLDS(&queue, "1234123");
    pli_out_queue_advance(&queue, 5);
    EXPECT_RESULT(pli_out_queue_append(&queue, "abcde", 5, 7), 0);
    EXPECT_RESULT(pli_out_queue_append(&queue, "f", 1, 7), -ENOBUFS);
    EXPECT_HOLDS(&queue, "23abcde");
    pli_out_queue_deinit(&queue);
    pl_message_unref(message);
}

static void closed_queue_drops_all_and_takes_nothing(void)
{
    struct pl_message *message = message_of("message");
    struct pli_out_queue queue;

    pli_out_queue_init(&queue);
    EXPECT_RESULT(append(&queue, "text"), 0);
    EXPECT_RESULT(pli_out_queue_push(&queue, message, NO_LIMIT), 0);
    pli_out_queue_advance(&queue, 1);
    pli_out_queue_close(&queue);
    EXPECT_HOLDS(&queue, "");
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    EXPECT_RESULT(append(&queue, "text"), -ENOTCONN);
    EXPECT_RESULT(pli_out_queue_push(&queue, message, NO_LIMIT), -ENOTCONN);
    pli_out_queue_close(&queue);
    EXPECT_HOLDS(&queue, "");
    pli_out_queue_deinit(&queue);
    pl_message_unref(message);
}

static void what_was_looked_up_stays_while_others_append(void)
{
    struct pli_out_queue queue;
    struct iovec parts[2];
    char got[16];

    pli_out_queue_init(&queue);
    EXPECT_RESULT(append(&queue, "begun"), 0);
    EXPECT_RESULT(push(&queue, "next"), 0);
    EXPECT_RESULT(pli_out_queue_parts(&queue, parts, 2), 2);
    for (unsigned i = 0; i < MANY - 2; i++)
        EXPECT_RESULT(i % 2 ? append(&queue, "x") : push(&queue, "y"), 0);
    CU_ASSERT_EQUAL(gather(parts, 2, got), 9);
    CU_ASSERT(memcmp(got, "begunnext", 9) == 0);
    pli_out_queue_advance(&queue, 9);
    CU_ASSERT_EQUAL(pli_out_queue_bytes(&queue), MANY - 2);
    pli_out_queue_deinit(&queue);
}

static void text_joins_one_that_was_written_in_part(void)
{
    struct pli_out_queue queue;
    struct iovec parts[2];

    pli_out_queue_init(&queue);
    EXPECT_RESULT(append(&queue, "abcd"), 0);
    pli_out_queue_advance(&queue, 2);
    EXPECT_RESULT(append(&queue, "ef"), 0);
    EXPECT_RESULT(pli_out_queue_parts(&queue, parts, 2), 1);
    EXPECT_HOLDS(&queue, "cdef");
    /* Written to the end that was known; more came meanwhile. */
    EXPECT_RESULT(append(&queue, "gh"), 0);
    pli_out_queue_advance(&queue, 4);
    EXPECT_HOLDS(&queue, "gh");
    pli_out_queue_deinit(&queue);
}

static void so_many_parts_and_no_more(void)
{
    struct pli_out_queue queue;
    struct iovec parts[4];
    char got[8];

    pli_out_queue_init(&queue);
    for (unsigned i = 0; i < 8; i++)
        EXPECT_RESULT(push(&queue, (char[]){(char)('a' + i), '\0'}), 0);
    EXPECT_RESULT(pli_out_queue_parts(&queue, parts, 3), 3);
    CU_ASSERT_EQUAL(gather(parts, 3, got), 3);
    CU_ASSERT(memcmp(got, "abc", 3) == 0);
    EXPECT_HOLDS(&queue, "abcdefgh");
    pli_out_queue_deinit(&queue);
}

static void order_is_kept_as_the_ring_grows_and_wraps(void)
{
    struct pli_out_queue queue;
    unsigned in = 0;
    unsigned out = 0;

    pli_out_queue_init(&queue);
    for (unsigned round = 1; round < 60; round++) {
        for (unsigned i = 0; i < round; i++)
            EXPECT_RESULT(push(&queue, (char[]){(char)('a' + in++ % 26), '\0'}), 0);
        for (unsigned i = 0; i + 1 < round; i++) {
            struct iovec part;

            EXPECT_RESULT(pli_out_queue_parts(&queue, &part, 1), 1);
            CU_ASSERT_FATAL(*(char *)part.iov_base == (char)('a' + out++ % 26));
            pli_out_queue_advance(&queue, 1);
        }
        CU_ASSERT_EQUAL(pli_out_queue_bytes(&queue), in - out);
    }
    pli_out_queue_deinit(&queue);
}

static void emptied_queue_owns_no_memory(void)
{
    struct pli_out_queue queue;

    pli_out_queue_init(&queue);
    for (unsigned i = 0; i < MANY; i++)
        EXPECT_RESULT(push(&queue, "x"), 0);
    CU_ASSERT_PTR_NOT_EQUAL(queue.ring, queue.few);
    pli_out_queue_advance(&queue, MANY);
    CU_ASSERT_PTR_EQUAL(queue.ring, queue.few);
    EXPECT_RESULT(push(&queue, "y"), 0);
    EXPECT_HOLDS(&queue, "y");
    pli_out_queue_deinit(&queue);
}

static void trim_keeps_the_rest_of_what_is_begun(void)
{
    struct pl_message *message = message_of("message");
    struct pli_out_queue queue;

    pli_out_queue_init(&queue);
    EXPECT_RESULT(push(&queue, "begun"), 0);
    for (unsigned i = 0; i < 10; i++)
        EXPECT_RESULT(pli_out_queue_push(&queue, message, NO_LIMIT), 0);
    pli_out_queue_advance(&queue, 2);
    pli_out_queue_trim(&queue);
    EXPECT_HOLDS(&queue, "gun");
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    EXPECT_RESULT(append(&queue, " last words"), 0);
    EXPECT_HOLDS(&queue, "gun last words");
    pli_out_queue_deinit(&queue);
    pl_message_unref(message);
}

static void trim_drops_all_when_nothing_is_begun(void)
{
    struct pl_message *message = message_of("message");
    struct pli_out_queue queue;

    pli_out_queue_init(&queue);
    pli_out_queue_trim(&queue);
    EXPECT_HOLDS(&queue, "");
    EXPECT_RESULT(append(&queue, "text"), 0);
    for (unsigned i = 0; i < 10; i++)
        EXPECT_RESULT(pli_out_queue_push(&queue, message, NO_LIMIT), 0);
    pli_out_queue_advance(&queue, 4); /* to the end of the first */
    pli_out_queue_trim(&queue);
    EXPECT_HOLDS(&queue, "");
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    EXPECT_RESULT(append(&queue, "last words"), 0);
    EXPECT_HOLDS(&queue, "last words");
    pli_out_queue_deinit(&queue);
    pl_message_unref(message);
}

/* Fills a queue so that the next append or push needs memory of each kind in turn. */
static void failed_append_changes_nothing(void)
{
    struct pli_out_queue queue;
    unsigned failures = 0;
    unsigned bytes = 0;
    struct pl_message *message = message_of("p");

    pli_out_queue_init(&queue);
    for (unsigned i = 0; i < 40; i++) {
        int rc = -ENOMEM;

        for (long n = 1; rc == -ENOMEM; n++) {
            failmalloc_after(n);
            rc = i % 2 ? append(&queue, "a") : pli_out_queue_push(&queue, message, NO_LIMIT);
            failmalloc_off();
            EXPECT_RESULT(rc, failmalloc_fired() ? -ENOMEM : 0);
            failures += rc < 0;
            bytes += rc == 0;
            CU_ASSERT_EQUAL(pli_out_queue_bytes(&queue), bytes);
        }
    }
    /* 20 gathering messages, and rings of 32 and 64 slots. */
    CU_ASSERT_EQUAL(failures, 22);
    EXPECT_HOLDS(&queue, "papapapapapapapapapapapapapapapapapapapa");
    pli_out_queue_deinit(&queue);
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    pl_message_unref(message);
}

/* -- One writer, many appenders ------------------------------------------------------------- */

#define RECORDS 4000u /* of each appender */
#define PIECE   32u   /* most bytes of a record */

/* A record is its appender, its number in two bytes, its length, and that many bytes of filling. */
struct traffic {
    struct pli_out_queue queue;
    _Atomic unsigned wrong;
    unsigned next[APPENDERS];  /* the writer's: the record that comes next */
    unsigned char held[PIECE]; /* the writer's: a record in part */
    size_t have;
    unsigned records; /* the writer's: whole ones seen */
    unsigned until;   /* the writer closes the queue after so many; const */
};

static void append_records(struct traffic *traffic, unsigned number)
{
    uint64_t row = number;

    for (unsigned i = 0; i < RECORDS; i++) {
        unsigned char record[PIECE] = {(unsigned char)number, (unsigned char)(i >> 8),
                                       (unsigned char)i, (unsigned char)(i % (PIECE - 4))};
        size_t length = 4 + (size_t)record[3];
        struct pl_message *message;
        int rc;

        memset(record + 4, (int)i, record[3]);
        if (crowd_random(&row) % 2) {
            rc = pli_out_queue_append(&traffic->queue, record, length, NO_LIMIT);
        } else if ((rc = pl_message_new(record, length, &message)) == 0) {
            rc = pli_out_queue_push(&traffic->queue, message, NO_LIMIT);
            pl_message_unref(message);
        }
        if (rc == -ENOTCONN && traffic->until < APPENDERS * RECORDS)
            return;
        CROWD_CHECK(traffic->wrong, rc == 0);
    }
}

static void check_record(struct traffic *traffic)
{
    const unsigned char *record = traffic->held;
    unsigned i = (unsigned)record[1] << 8 | record[2];

    if (record[0] >= APPENDERS) {
        atomic_fetch_add(&traffic->wrong, 1);
        return;
    }
    CROWD_CHECK(traffic->wrong, i == traffic->next[record[0]]);
    CROWD_CHECK(traffic->wrong, record[3] == i % (PIECE - 4));
    for (unsigned j = 0; j < record[3]; j++)
        CROWD_CHECK(traffic->wrong, record[4 + j] == (unsigned char)i);
    traffic->next[record[0]] = i + 1;
    traffic->records++;
}

static void take_byte(struct traffic *traffic, unsigned char byte)
{
    traffic->held[traffic->have++] = byte;
    if (traffic->have < 4 || traffic->have < 4 + (size_t)traffic->held[3])
        return;
    check_record(traffic);
    traffic->have = 0;
}

/* What a short write would do: looks parts up, takes a random number of their bytes. */
static void write_records(struct traffic *traffic)
{
    uint64_t row = 99;

    while (traffic->records < traffic->until && atomic_load(&traffic->wrong) == 0) {
        struct iovec parts[8];
        int count = pli_out_queue_parts(&traffic->queue, parts, 1 + (int)(crowd_random(&row) % 8));
        size_t room = 1 + crowd_random(&row) % 500;
        size_t written = 0;

        if (count == 0)
            sched_yield();
        for (int i = 0; i < count; i++)
            for (size_t j = 0; j < parts[i].iov_len && written < room; j++, written++)
                take_byte(traffic, ((unsigned char *)parts[i].iov_base)[j]);
        pli_out_queue_advance(&traffic->queue, written);
    }
    if (traffic->until < APPENDERS * RECORDS)
        pli_out_queue_close(&traffic->queue);
}

static void append_or_write(unsigned number, void *argument)
{
    if (number < APPENDERS)
        append_records(argument, number);
    else
        write_records(argument);
}

static void bytes_come_out_whole_and_in_each_appenders_order(void)
{
    struct traffic traffic = {.until = APPENDERS * RECORDS};

    pli_out_queue_init(&traffic.queue);
    crowd_run(APPENDERS + 1, append_or_write, &traffic);
    CU_ASSERT_EQUAL(traffic.wrong, 0);
    CU_ASSERT_EQUAL(traffic.records, traffic.until);
    CU_ASSERT_EQUAL(traffic.have, 0);
    EXPECT_HOLDS(&traffic.queue, "");
    pli_out_queue_deinit(&traffic.queue);
}

static void closing_while_others_append_keeps_nothing(void)
{
    for (unsigned round = 0; round < 20; round++) {
        struct traffic traffic = {.until = round * 100};

        pli_out_queue_init(&traffic.queue);
        crowd_run(APPENDERS + 1, append_or_write, &traffic);
        CU_ASSERT_EQUAL(traffic.wrong, 0);
        EXPECT_HOLDS(&traffic.queue, "");
        pli_out_queue_deinit(&traffic.queue);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is appended comes out in order", what_is_appended_comes_out_in_order},
        {"small texts are one part", small_texts_are_one_part},
        {"a long text is one part", long_text_is_one_part},
        {"nothing appended leaves nothing", nothing_appended_leaves_nothing},
        {"a message is shared, not copied", message_is_shared_not_copied},
        {"the limit is taken and no byte more", limit_is_taken_and_no_byte_more},
        {"a closed queue drops all and takes nothing", closed_queue_drops_all_and_takes_nothing},
        {"what was looked up stays while others append",
         what_was_looked_up_stays_while_others_append},
        {"a text joins one that was written in part", text_joins_one_that_was_written_in_part},
        {"so many parts are looked up and no more", so_many_parts_and_no_more},
        {"order is kept as the ring grows and wraps", order_is_kept_as_the_ring_grows_and_wraps},
        {"an emptied queue owns no memory", emptied_queue_owns_no_memory},
        {"trim keeps the rest of what is begun", trim_keeps_the_rest_of_what_is_begun},
        {"trim drops all when nothing is begun", trim_drops_all_when_nothing_is_begun},
        {"a failed append changes nothing", failed_append_changes_nothing},
        {"bytes come out whole and in each appender's order",
         bytes_come_out_whole_and_in_each_appenders_order},
        {"closing while others append keeps nothing", closing_while_others_append_keeps_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "out-queue", tests);
}
