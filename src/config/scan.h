/* SPDX-License-Identifier: MIT */
/*
 * Between source.c, which owns the text, and scan.c, which goes through a file and puts together
 * what libconfig shall read (source.h says how that differs).
 */
#ifndef CONFIG_SCAN_H
#define CONFIG_SCAN_H

#include "config/source.h"

#include <stdbool.h>
#include <stddef.h>

struct config_scan {
    struct config_source *source;
    struct config_errors *errors;
    bool may_include;
    unsigned includes; /* files being scanned, each included by the one before */
    size_t consumed;   /* bytes of all files so far */
    bool gave_up;      /* what follows is not worth looking at */
    struct {
        char bracket;
        struct config_place place;
    } open[CONFIG_NESTING_MAX];
    unsigned depth;
};

/* source.c: without memory they set out_of_memory and do nothing. */
void config_source_put(struct config_source *source, const char *text, size_t size);
void config_source_span(struct config_source *source, size_t file, unsigned line);
void config_source_name_file(struct config_source *source, const char *name, size_t *file);

/* Reads a file into *TEXT, the caller's to free(). 0 or a negative errno, -EFBIG past the limit. */
int config_source_slurp(const char *path, char **text, size_t *size);

/* Appends SIZE bytes of TEXT, which NAME stands for, to the source. */
void config_scan_text(struct config_scan *scan, const char *name, const char *text, size_t size);

/* After the last: complains about what is still open. */
void config_scan_finish(struct config_scan *scan);

#endif
