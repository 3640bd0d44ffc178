/* SPDX-License-Identifier: MIT */
/*
 * Records as lines of text, a JSON object each (RFC 8259), to be carried from one store to another:
 *
 *     {"type":"paceline","version":1}
 *     {"type":"account","folded":"ann","name":"Ann","keys":"...","email":"","code":"","created":0,
 *      "flags":0,"sent":0}                                                   (in one line)
 *     {"type":"certificate","fingerprint":"...","account":"ann","added":0}
 *     {"type":"ban","mask":"*@192.0.2.1","reason":"","by":"ann","kind":"user","set":0,"expires":0}
 *     {"type":"channel","name":"#a","founder":"ann","successor":"","topic":"","topic_by":"",
 *      "modes":"nt","lock":"","about":"","url":"","id":1,"created":0,"registered":0,"topic_set":0,
 *      "flags":0,"history":0,"origin":0}                                     (in one line)
 *     {"type":"access","account":"bob","by":"ann","channel":1,"level":4,"added":0}
 *     {"type":"mask","mask":"*!*@*","by":"ann","kind":"ban","channel":1,"set":0}
 *
 * The first line is the head. Lines that are read may come from anybody.
 */
#ifndef STORE_LINES_H
#define STORE_LINES_H

#include "store/record.h"
#include "store/store.h"

#include <stdio.h>

#define STORE_LINE_MAX 65536 /* bytes, with its LF */

/* Both write a line with its LF. Return 0, -ENOMEM, -ENOSYS (this build cannot) or -EIO. */
int store_line_write_head(FILE *file);
int store_line_write(const struct store_record *record, FILE *file);

/* What reading a line returns beside 0, -ENOMEM and -ENOSYS: WHY says what is wrong with it. */
enum { STORE_LINE_BAD = 1 };

/* Reads the head: LENGTH bytes, with or without LF. */
int store_line_read_head(const char *line, size_t length, char why[static STORE_WHY]);

/* Reads another line as what adds its record. *CHANGE is the caller's to free(). */
int store_line_read(const char *line, size_t length, struct store_change **change,
                    char why[static STORE_WHY]);

#endif
