/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/ctl_json.h"

#include <string.h>

/* Text that is not terminated. */
struct span {
    const char *text;
    size_t length;
};

static void print_string(struct span span, FILE *file)
{
    size_t i;

    fputc('"', file);
    for (i = 0; i < span.length; i++) {
        unsigned char byte = (unsigned char)span.text[i];

        if (byte == '"' || byte == '\\')
            fprintf(file, "\\%c", byte);
        else if (byte < 0x20)
            fprintf(file, "\\u%04x", byte);
        else
            fputc(byte, file);
    }
    fputc('"', file);
}

static bool is_number(struct span span)
{
    return span.length > 0 && strspn(span.text, "0123456789") >= span.length;
}

static void print_value(struct span span, FILE *file)
{
    if (is_number(span))
        fwrite(span.text, 1, span.length, file);
    else
        print_string(span, file);
}

/* Takes the next "key: value" of *ANSWER; false at the line that has none. */
static bool next_pair(const char **answer, struct span *key, struct span *value)
{
    const char *line = *answer;
    size_t length = strcspn(line, "\n");
    const char *colon = memchr(line, ':', length);

    if (!colon || colon[1] != ' ')
        return false;
    *key = (struct span){line, (size_t)(colon - line)};
    *value = (struct span){colon + 2, length - key->length - 2};
    *answer = line + length + (line[length] == '\n');
    return true;
}

static bool is_listener(struct span key)
{
    return key.length == strlen("listener") && memcmp(key.text, "listener", key.length) == 0;
}

/* "service address port", of which only the address may have spaces in it. */
static void print_listener(struct span value, FILE *file)
{
    const char *first = memchr(value.text, ' ', value.length);
    const char *last = memrchr(value.text, ' ', value.length);
    const char *end = value.text + value.length;

    if (!first || first == last)
        return;
    fputs("{\"service\": ", file);
    print_string((struct span){value.text, (size_t)(first - value.text)}, file);
    fputs(", \"address\": ", file);
    print_string((struct span){first + 1, (size_t)(last - first - 1)}, file);
    fputs(", \"port\": ", file);
    print_value((struct span){last + 1, (size_t)(end - last - 1)}, file);
    fputs("}", file);
}

/* The values of "listener", which there are several of, as an array of the name "listeners". */
static void print_listeners(const char *answer, FILE *file)
{
    const char *between = "\n    ";
    struct span key;
    struct span value;

    fputs("  \"listeners\": [", file);
    while (next_pair(&answer, &key, &value)) {
        if (!is_listener(key))
            continue;
        fputs(between, file);
        between = ",\n    ";
        print_listener(value, file);
    }
    fputs("\n  ]", file);
}

void ctl_json(const char *answer, bool listeners, FILE *file)
{
    const char *rest = answer;
    const char *between = "";
    struct span key;
    struct span value;

    fputs("{\n", file);
    while (next_pair(&rest, &key, &value)) {
        if (is_listener(key))
            continue;
        fprintf(file, "%s  ", between);
        between = ",\n";
        print_string(key, file);
        fputs(": ", file);
        print_value(value, file);
    }
    if (listeners) {
        fputs(between, file);
        print_listeners(answer, file);
    }
    fputs("\n}\n", file);
}
