/* SPDX-License-Identifier: MIT */
/*
 * The text of a configuration as libconfig gets it. It is taken from the file and what that
 * includes, and differs from them where libconfig (1.5 at least) would go wrong without a word:
 *
 * - An integer without L is cut to 32 bits: 4294967296 reads as 0. Here every integer becomes a
 *   64-bit one in decimal (0x10 becomes 16L, 08 becomes 8L). What does not fit 64 bits becomes the
 *   nearest that does, and no setting's range reaches that far.
 * - A string or comment that never ends swallows the rest of the file, or is blamed on another
 *   one; a NUL ends the text. They are errors here.
 * - A comment on a last line without newline is a syntax error. Comments are left out here.
 * - Included files are looked for in the working folder, and errors in them blamed on the wrong
 *   file. Here their text takes the place of the @include, found from the folder of the file that
 *   includes, and every line remembers where it came from.
 * - Nothing bounds the nesting. Here CONFIG_NESTING_MAX does, and a bracket without its other half
 *   is named.
 */
#ifndef CONFIG_SOURCE_H
#define CONFIG_SOURCE_H

#include "config/errors.h"

#include <stddef.h>

#define CONFIG_SOURCE_MAX  1048576u /* bytes, all included files together */
#define CONFIG_INCLUDE_MAX 10u      /* files that include each other */
#define CONFIG_NESTING_MAX 16u      /* brackets in brackets */

/* Lines from FIRST on, up to the next span, are LINE and following of FILE. */
struct config_span {
    unsigned first;
    size_t file;
    unsigned line;
};

struct config_source {
    char *text; /* ends with a NUL */
    size_t size;
    size_t capacity;
    unsigned lines; /* complete ones in text */
    struct config_span *spans;
    size_t span_count;
    char **files; /* names, as they stand in places */
    size_t file_count;
    bool out_of_memory;
};

void config_source_init(struct config_source *source);
void config_source_deinit(struct config_source *source);

/*
 * Take the text of a file, or SIZE bytes at TEXT which NAME stands for, and which may include no
 * file. 0, -ENOMEM, or CONFIG_INVALID when ERRORS has got something.
 */
int config_source_read(struct config_source *source, const char *path,
                       struct config_errors *errors);
int config_source_take(struct config_source *source, const char *name, const char *text,
                       size_t size, struct config_errors *errors);

/* Where line LINE of the text, counted from 1, came from. Valid as long as the source's files. */
struct config_place config_source_place(const struct config_source *source, unsigned line);

/* The last line up to LINE that is not blank; 1 if all are. */
unsigned config_source_solid(const struct config_source *source, unsigned line);

/*
 * The name of the setting on line LINE of the text, if just one stands there, copied into BUFFER
 * of SIZE bytes. Returns BUFFER, or NULL.
 */
const char *config_source_name(const struct config_source *source, unsigned line, char *buffer,
                               size_t size);

#endif
