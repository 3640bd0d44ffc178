/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/bench/json.h"

#include <math.h>

void json_string(FILE *file, const char *text)
{
    fputc('"', file);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\')
            fprintf(file, "\\%c", c);
        else if (c < 0x20)
            fprintf(file, "\\u%04x", c);
        else
            fputc(c, file);
    }
    fputc('"', file);
}

void json_number(FILE *file, double value, unsigned decimals)
{
    if (isfinite(value))
        fprintf(file, "%.*f", (int)decimals, value);
    else
        fputs("null", file);
}
