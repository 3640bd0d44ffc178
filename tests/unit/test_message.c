/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/message.h"
#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define THREADS 4u

static void keeps_a_copy_of_the_bytes(void)
{
    char text[] = "line\n\0more";
    struct pl_message *message;

    EXPECT_RESULT(pl_message_new(text, sizeof(text), &message), 0);
    memset(text, 'x', sizeof(text));
    CU_ASSERT_EQUAL(pl_message_length(message), sizeof(text));
    CU_ASSERT(memcmp(pl_message_data(message), "line\n\0more", sizeof(text)) == 0);
    pl_message_unref(message);
}

static void may_be_empty(void)
{
    struct pl_message *message;

    EXPECT_RESULT(pl_message_new(NULL, 0, &message), 0);
    CU_ASSERT_EQUAL(pl_message_length(message), 0);
    CU_ASSERT_PTR_NOT_NULL(pl_message_data(message));
    pl_message_unref(message);
}

static void refuses_more_than_the_most(void)
{
    struct pl_message *message = NULL;

    EXPECT_RESULT(pl_message_new("", (size_t)PL_MESSAGE_MAX + 1, &message), -EMSGSIZE);
    EXPECT_RESULT(pl_message_new("", SIZE_MAX, &message), -EMSGSIZE);
    CU_ASSERT_PTR_NULL(message);
}

static void lives_until_the_last_reference(void)
{
    struct pl_message *message;

    EXPECT_RESULT(pl_message_new("text", 4, &message), 0);
    CU_ASSERT_PTR_EQUAL(pl_message_ref(message), message);
    CU_ASSERT_PTR_EQUAL(pl_message_ref(message), message);
    pl_message_unref(message);
    pl_message_unref(message);
    CU_ASSERT(memcmp(pl_message_data(message), "text", 4) == 0);
    pl_message_unref(message);
    pl_message_unref(NULL);
}

static void room_can_be_reserved(void)
{
    struct pl_message *message = pli_message_reserve(100);

    CU_ASSERT_PTR_NOT_NULL_FATAL(message);
    CU_ASSERT_EQUAL(message->length, 0);
    CU_ASSERT_EQUAL(message->capacity, 100);
    memset(message->data, 'x', 100);
    pl_message_unref(message);
}

static void without_memory_there_is_none(void)
{
    struct pl_message *message = NULL;

    failmalloc_after(1);
    EXPECT_RESULT(pl_message_new("text", 4, &message), -ENOMEM);
    failmalloc_after(1);
    CU_ASSERT_PTR_NULL(pli_message_reserve(4));
    failmalloc_off();
    CU_ASSERT_PTR_NULL(message);
}

/* Takes references and gives them back, and at last the one that was made for this thread. */
static void use(unsigned number, void *argument)
{
    struct pl_message *message = argument;

    (void)number;
    for (unsigned i = 0; i < 20000; i++) {
        pl_message_unref(pl_message_ref(message));
        if (pl_message_data(message)[i % 4] != "text"[i % 4])
            return; /* keeps its reference: a leak, which the test's end finds */
    }
    pl_message_unref(message);
}

static void threads_share_one_and_the_last_frees_it(void)
{
    struct pl_message *message;

    EXPECT_RESULT(pl_message_new("text", 4, &message), 0);
    for (unsigned i = 0; i < THREADS; i++)
        pl_message_ref(message);
    crowd_run(THREADS, use, message);
    CU_ASSERT_EQUAL(atomic_load(&message->references), 1);
    pl_message_unref(message);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"keeps a copy of the bytes", keeps_a_copy_of_the_bytes},
        {"may be empty", may_be_empty},
        {"refuses more than the most", refuses_more_than_the_most},
        {"lives until the last reference", lives_until_the_last_reference},
        {"room can be reserved", room_can_be_reserved},
        {"without memory there is none", without_memory_there_is_none},
        {"threads share one and the last frees it", threads_share_one_and_the_last_frees_it},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "message", tests);
}
