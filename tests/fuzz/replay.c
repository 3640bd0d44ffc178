/* SPDX-License-Identifier: MIT */
/*
 * The main of a fuzz target where there is no libFuzzer: hands each file named on the command line
 * to the target once, as libFuzzer does with files. Each input stands in a block of exactly its
 * size, so that a sanitizer sees a read past its end.
 */
#include "config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns a block to be freed, of *size bytes, or NULL after saying what is wrong. */
static uint8_t *read_input(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long end;

    if (!file || fseek(file, 0, SEEK_END) < 0 || (end = ftell(file)) < 0)
        goto failed;
    rewind(file);
    *size = (size_t)end;
    /* An input of no bytes stands in a block of one: malloc(0) may return NULL. */
    data = malloc(*size ? *size : 1);
    if (!data || fread(data, 1, *size, file) != *size)
        goto failed;
    fclose(file);
    return data;

failed:
    perror(path);
    free(data);
    if (file)
        fclose(file);
    return NULL;
}

int main(int argc, char **argv)
{
    int i;

    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    for (i = 1; i < argc; i++) {
        size_t size;
        uint8_t *data = read_input(argv[i], &size);

        if (!data)
            return 1;
        printf("%s: %zu bytes\n", argv[i], size);
        fflush(stdout);
        LLVMFuzzerTestOneInput(data, size);
        free(data);
    }
    return 0;
}
