/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/ban.h"

#include "chat/text.h"

#define MINUTE  UINT64_C(60)
#define HOUR    (60 * MINUTE)
#define DAY     (24 * HOUR)
#define YEAR    (365 * DAY)
#define LONGEST (10 * YEAR)

static uint64_t unit_of(char letter)
{
    switch (letter) {
    case 's':
        return 1;
    case 'm':
        return MINUTE;
    case 'h':
        return HOUR;
    case 'd':
        return DAY;
    case 'w':
        return 7 * DAY;
    case 'y':
        return YEAR;
    default:
        return 0;
    }
}

/* A number before the end is in minutes if it is all there is. */
bool chat_duration_parse(struct chat_text text, uint64_t *seconds)
{
    uint64_t number = 0, sum = 0;
    bool digits = false, units = false;

    for (size_t i = 0; i < text.length; i++) {
        char byte = text.data[i];

        if (byte >= '0' && byte <= '9') {
            number = number * 10 + (uint64_t)(byte - '0');
            digits = true;
        } else if (digits && unit_of(byte) > 0) {
            sum += number * unit_of(byte);
            number = 0;
            digits = false;
            units = true;
        } else {
            return false;
        }
        if (number > LONGEST || sum > LONGEST)
            return false;
    }
    if (digits == units || (digits && number > LONGEST / MINUTE))
        return false;
    *seconds = units ? sum : number * MINUTE;
    return true;
}
