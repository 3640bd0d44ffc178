/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/expect.h"

#include "base/clock.h"
#include "tests/lib/scene.h"

#include <CUnit/CUnit.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void expect_fail(struct place place, const char *format, ...)
{
    char text[4096];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    scene_print();
    CU_assertImplementation(CU_FALSE, place.line, text, place.file, "", CU_TRUE);
    abort(); /* not reached: a fatal assertion jumps out of the test */
}

void expect_result(struct place place, const char *what, long got, long expected)
{
    if (got != expected)
        expect_fail(place, "%s: %ld expected, got %ld", what, expected, got);
}

uint64_t expect_deadline(void)
{
    static _Atomic unsigned patience;

    if (patience == 0) {
        const char *text = getenv("TEST_PATIENCE");
        long seconds = text ? strtol(text, NULL, 10) : 0;

        patience = seconds > 0 ? (unsigned)seconds : 60;
    }
    return pli_clock_now() + patience * UINT64_C(1000000000);
}

int expect_remaining(uint64_t deadline)
{
    uint64_t now = pli_clock_now();

    return now >= deadline ? 0 : (int)((deadline - now) / 1000000 + 1);
}
