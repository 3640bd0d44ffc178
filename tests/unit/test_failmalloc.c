/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Kept out of the compiler's sight, which may otherwise do without an allocation. */
static void *volatile kept;

static void *by_malloc(void)
{
    return malloc(8);
}

static void *by_calloc(void)
{
    return calloc(2, 8);
}

static void *by_realloc(void)
{
    return realloc(NULL, 8);
}

static void *by_reallocarray(void)
{
    return reallocarray(NULL, 2, 8);
}

static void *by_aligned_alloc(void)
{
    return aligned_alloc(64, 64);
}

static void *by_posix_memalign(void)
{
    void *out = NULL;

    return posix_memalign(&out, 64, 64) == 0 ? out : NULL;
}

static void *by_strdup(void)
{
    char *copy = strdup("eight ch");

    CU_ASSERT(!copy || strcmp(copy, "eight ch") == 0);
    return copy;
}

static void *by_strndup(void)
{
    char *copy = strndup("eight ch", 5);

    CU_ASSERT(!copy || strcmp(copy, "eight") == 0);
    return copy;
}

static void *by_asprintf(void)
{
    char *text = NULL;

    if (asprintf(&text, "%d %s", 8, "ch") < 0)
        return NULL;
    CU_ASSERT_STRING_EQUAL(text, "8 ch");
    return text;
}

static void *(*const ways[])(void) = {
    by_malloc,         by_calloc, by_realloc, by_reallocarray, by_aligned_alloc,
    by_posix_memalign, by_strdup, by_strndup, by_asprintf,
};

/* Returns whether the allocation succeeded. */
static bool allocates(void *(*way)(void))
{
    bool got;

    kept = way();
    got = kept != NULL;
    free(kept);
    return got;
}

static void fails_the_nth_allocation_and_no_other(void)
{
    size_t i;

    for (i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        failmalloc_after(2);
        CU_ASSERT(allocates(ways[i]));
        CU_ASSERT(!failmalloc_fired());
        CU_ASSERT(!allocates(ways[i]));
        CU_ASSERT(failmalloc_fired());
        CU_ASSERT(allocates(ways[i]));
        CU_ASSERT(allocates(ways[i]));
    }
    failmalloc_off();
}

static void fails_none_when_switched_off(void)
{
    failmalloc_after(1);
    failmalloc_off();
    CU_ASSERT(allocates(by_malloc));
    CU_ASSERT(!failmalloc_fired());
}

static void none_of_a_spared_thread_fails_or_counts(void)
{
    failmalloc_after(2);
    failmalloc_spare(true);
    for (int i = 0; i < 5; i++)
        CU_ASSERT(allocates(by_malloc));
    failmalloc_spare(false);
    CU_ASSERT(allocates(by_malloc));
    CU_ASSERT(!allocates(by_malloc));
    failmalloc_off();
}

static void a_failure_is_out_of_memory_and_leaves_the_old_block(void)
{
    char *block = malloc(8);
    void *grown;

    CU_ASSERT_PTR_NOT_NULL_FATAL(block);
    memcpy(block, "eight c", 8);
    failmalloc_after(1);
    errno = 0;
    grown = realloc(block, 800);
    CU_ASSERT_PTR_NULL(grown);
    CU_ASSERT_EQUAL(errno, ENOMEM);
    failmalloc_off();
    if (!grown) {
        CU_ASSERT_STRING_EQUAL(block, "eight c");
        free(block);
    }
    free(grown);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"fails the nth allocation and no other", fails_the_nth_allocation_and_no_other},
        {"fails none when switched off", fails_none_when_switched_off},
        {"none of a spared thread fails or counts", none_of_a_spared_thread_fails_or_counts},
        {"a failure is out of memory and leaves the old block",
         a_failure_is_out_of_memory_and_leaves_the_old_block},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "failmalloc", tests);
}
