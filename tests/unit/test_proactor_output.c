/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "engine/proactor_output.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <string.h>

static char text[3 * PLI_OUTPUT_LARGE];

static void fill_text(void)
{
    for (size_t i = 0; i < sizeof(text); i++)
        text[i] = (char)(i * 5 + i / 253);
}

static struct iovec part_of(size_t start, size_t length)
{
    return (struct iovec){.iov_base = text + start, .iov_len = length};
}

static void parts_stand_one_behind_the_other(void)
{
    struct pli_output_pool pool = {0};
    struct iovec parts[] = {part_of(0, 10), part_of(10, 0), part_of(10, 90)};
    struct iovec more = part_of(100, 50);
    struct pli_output *output;

    fill_text();
    CU_ASSERT_EQUAL(pli_output_sum(parts, 3), 100);
    output = pli_output_new(&pool, 100);
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    CU_ASSERT_EQUAL(pli_output_add(output, parts, 3), 100);
    CU_ASSERT_EQUAL(pli_output_add(output, &more, 1), 50);
    CU_ASSERT_EQUAL(output->length, 150);
    CU_ASSERT_EQUAL(memcmp(output->data, text, 150), 0);
    pli_output_free(&pool, output);
    pli_output_pool_deinit(&pool);
}

static void a_block_takes_what_it_has_room_for(void)
{
    struct pli_output_pool pool = {0};
    struct iovec parts[] = {part_of(0, PLI_OUTPUT_LARGE - 1000),
                            part_of(PLI_OUTPUT_LARGE - 1000, PLI_OUTPUT_LARGE), part_of(0, 10)};
    struct pli_output *output = pli_output_new(&pool, pli_output_sum(parts, 3));

    fill_text();
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    CU_ASSERT_EQUAL(pli_output_add(output, parts, 3), output->capacity);
    CU_ASSERT_EQUAL(output->length, output->capacity);
    CU_ASSERT_EQUAL(output->capacity, PLI_OUTPUT_LARGE - sizeof(*output));
    CU_ASSERT_EQUAL(memcmp(output->data, text, output->length), 0);
    CU_ASSERT_EQUAL(pli_output_add(output, parts, 3), 0);
    CU_ASSERT_PTR_EQUAL(pli_output_grow(&pool, output, 1), output);
    pli_output_free(&pool, output);
    CU_ASSERT_PTR_NULL(pool.free); /* large ones are not kept */
}

static void a_small_block_grows_once_with_what_it_has(void)
{
    struct pli_output_pool pool = {0};
    struct iovec first = part_of(0, 700);
    struct iovec more = part_of(700, 3000);
    struct pli_output *output = pli_output_new(&pool, 700);

    fill_text();
    CU_ASSERT_PTR_NOT_NULL_FATAL(output);
    CU_ASSERT_EQUAL(pli_output_add(output, &first, 1), 700);
    CU_ASSERT_PTR_EQUAL(pli_output_grow(&pool, output, 1), output);
    failmalloc_after(1);
    CU_ASSERT_PTR_EQUAL(pli_output_grow(&pool, output, 3000), output);
    failmalloc_off();
    output = pli_output_grow(&pool, output, 3000);
    CU_ASSERT_EQUAL(pool.count, 1);
    CU_ASSERT_EQUAL(pli_output_add(output, &more, 1), 3000);
    CU_ASSERT_EQUAL(output->length, 3700);
    CU_ASSERT_EQUAL(memcmp(output->data, text, 3700), 0);
    pli_output_free(&pool, output);
    pli_output_pool_deinit(&pool);
}

static void small_blocks_are_used_again_and_so_many_are_kept(void)
{
    static struct pli_output *outputs[PLI_OUTPUT_KEPT + 10];
    struct pli_output_pool pool = {0};
    struct pli_output *again;

    for (unsigned i = 0; i < PLI_OUTPUT_KEPT + 10; i++)
        CU_ASSERT_PTR_NOT_NULL_FATAL(outputs[i] = pli_output_new(&pool, 1));
    for (unsigned i = 0; i < PLI_OUTPUT_KEPT + 10; i++) {
        outputs[i]->submitted = true;
        outputs[i]->length = outputs[i]->sent = 1;
        pli_output_free(&pool, outputs[i]);
    }
    CU_ASSERT_EQUAL(pool.count, PLI_OUTPUT_KEPT);
    again = pli_output_new(&pool, 1);
    CU_ASSERT_EQUAL(pool.count, PLI_OUTPUT_KEPT - 1);
    CU_ASSERT_FALSE(again->submitted);
    CU_ASSERT_EQUAL(again->length + again->sent, 0);
    pli_output_free(&pool, again);
    pli_output_free(&pool, NULL);
    pli_output_pool_deinit(&pool);
    CU_ASSERT_EQUAL(pool.count, 0);
    failmalloc_after(1);
    CU_ASSERT_PTR_NULL(pli_output_new(&pool, 1));
    failmalloc_off();
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"parts stand one behind the other", parts_stand_one_behind_the_other},
        {"a block takes what it has room for", a_block_takes_what_it_has_room_for},
        {"a small block grows once, with what it has", a_small_block_grows_once_with_what_it_has},
        {"small blocks are used again, and so many are kept",
         small_blocks_are_used_again_and_so_many_are_kept},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "proactor output", tests);
}
