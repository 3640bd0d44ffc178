/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/proactor_input.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <string.h>

#define MOST 70000u

static char pattern[MOST];

static void fill_pattern(void)
{
    for (unsigned i = 0; i < MOST; i++)
        pattern[i] = (char)(i * 7 + i / 251);
}

static void what_is_kept_comes_out_in_order(void)
{
    struct pli_input input = {0};
    char got[MOST];
    size_t in = 0, out = 0;

    fill_pattern();
    for (size_t step = 1; in + step < MOST; step = step * 5 / 3 + 1) {
        CU_ASSERT_EQUAL(pli_input_keep(&input, pattern + in, step), 0);
        in += step;
        out += pli_input_take(&input, got + out, step / 2);
        CU_ASSERT_EQUAL(input.length, in - out);
    }
    out += pli_input_take(&input, got + out, MOST - out);
    CU_ASSERT_EQUAL(out, in);
    CU_ASSERT_EQUAL(memcmp(got, pattern, in), 0);
    CU_ASSERT_PTR_NULL(input.data);
}

static void nothing_kept_is_no_memory(void)
{
    struct pli_input input = {0};
    char got[8];

    CU_ASSERT_EQUAL(pli_input_take(&input, got, sizeof(got)), 0);
    CU_ASSERT_EQUAL(pli_input_keep(&input, "abcd", 4), 0);
    CU_ASSERT_PTR_NOT_NULL(input.data);
    CU_ASSERT_EQUAL(pli_input_take(&input, got, 4), 4);
    CU_ASSERT_PTR_NULL(input.data);
    CU_ASSERT_EQUAL(pli_input_keep(&input, "abcd", 4), 0);
    pli_input_drop(&input);
    CU_ASSERT_PTR_NULL(input.data);
    CU_ASSERT_EQUAL(input.length, 0);
}

static void it_is_full_at_its_bound_and_takes_what_is_on_its_way(void)
{
    struct pli_input input = {0};
    char got[MOST];

    fill_pattern();
    CU_ASSERT_EQUAL(pli_input_keep(&input, pattern, PLI_INPUT_FULL - 1), 0);
    CU_ASSERT_FALSE(pli_input_is_full(&input));
    CU_ASSERT_EQUAL(pli_input_keep(&input, pattern + PLI_INPUT_FULL - 1, 1), 0);
    CU_ASSERT_TRUE(pli_input_is_full(&input));
    CU_ASSERT_EQUAL(pli_input_keep(&input, pattern + PLI_INPUT_FULL, PLI_INPUT_FULL), 0);
    CU_ASSERT_EQUAL(pli_input_take(&input, got, MOST), 2 * PLI_INPUT_FULL);
    CU_ASSERT_EQUAL(memcmp(got, pattern, 2 * PLI_INPUT_FULL), 0);
    CU_ASSERT_FALSE(pli_input_is_full(&input));
}

static void without_memory_what_is_kept_stays(void)
{
    struct pli_input input = {0};
    char got[8];

    failmalloc_after(1);
    CU_ASSERT_EQUAL(pli_input_keep(&input, "abcd", 4), -ENOMEM);
    failmalloc_off();
    CU_ASSERT_EQUAL(pli_input_keep(&input, "abcd", 4), 0);
    failmalloc_after(1);
    CU_ASSERT_EQUAL(pli_input_keep(&input, pattern, MOST), -ENOMEM);
    failmalloc_off();
    CU_ASSERT_EQUAL(pli_input_take(&input, got, sizeof(got)), 4);
    CU_ASSERT_EQUAL(memcmp(got, "abcd", 4), 0);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what is kept comes out in order", what_is_kept_comes_out_in_order},
        {"nothing kept is no memory", nothing_kept_is_no_memory},
        {"it is full at its bound and takes what is on its way",
         it_is_full_at_its_bound_and_takes_what_is_on_its_way},
        {"without memory what is kept stays", without_memory_what_is_kept_stays},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "proactor input", tests);
}
