/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "lookup/answer.h"

#include <arpa/nameser.h>
#include <resolv.h>
#include <string.h>
#include <sys/socket.h>

#define HEADER_SIZE   12 /* RFC 1035, 4.1.1 */
#define QUESTION_SIZE 4  /* of its type and class, 4.1.2 */
#define RECORD_SIZE   10 /* of type, class, time and length, 4.1.3 */

/* An answer that is read. */
struct reading {
    const unsigned char *start;
    const unsigned char *at;
    const unsigned char *end;
    unsigned left; /* records */
};

struct record {
    const unsigned char *data;
    size_t size;
};

static unsigned number(const unsigned char *at)
{
    return (unsigned)at[0] << 8 | at[1];
}

/* Moves past a name and SIZE bytes behind it; false: there is not so much. */
static bool skip(struct reading *reading, size_t size)
{
    int length = dn_skipname(reading->at, reading->end);

    if (length < 0 || (size_t)(reading->end - reading->at) < (size_t)length + size)
        return false;
    reading->at += (size_t)length + size;
    return true;
}

static bool begin(struct reading *reading, const unsigned char *answer, size_t length)
{
    unsigned questions;

    if (length < HEADER_SIZE)
        return false;
    *reading = (struct reading){answer, answer + HEADER_SIZE, answer + length, number(answer + 6)};
    for (questions = number(answer + 4); questions > 0; questions--)
        if (!skip(reading, QUESTION_SIZE))
            return false;
    return true;
}

/* The next record of that type; false: there is none, or the answer is broken. */
static bool next_record(struct reading *reading, unsigned type, struct record *record)
{
    while (reading->left-- > 0 && skip(reading, RECORD_SIZE)) {
        const unsigned char *head = reading->at - RECORD_SIZE;

        *record = (struct record){reading->at, number(head + 8)};
        if ((size_t)(reading->end - reading->at) < record->size)
            return false;
        reading->at += record->size;
        if (number(head) == type && number(head + 2) == ns_c_in)
            return true;
    }
    return false;
}

bool lookup_answer_name(const unsigned char *answer, size_t length, char name[LOOKUP_NAME_MAX + 1])
{
    struct reading reading;
    struct record record;

    if (!begin(&reading, answer, length))
        return false;
    while (next_record(&reading, ns_t_ptr, &record))
        if (dn_expand(reading.start, reading.end, record.data, name, LOOKUP_NAME_MAX + 1) >= 0)
            return true;
    return false;
}

size_t lookup_answer_addresses(const unsigned char *answer, size_t length, int family,
                               struct lookup_address addresses[LOOKUP_ADDRESSES_MAX])
{
    size_t size = family == AF_INET ? 4 : 16;
    size_t count = 0;
    struct reading reading;
    struct record record;

    if (!begin(&reading, answer, length))
        return 0;
    while (count < LOOKUP_ADDRESSES_MAX &&
           next_record(&reading, family == AF_INET ? ns_t_a : ns_t_aaaa, &record)) {
        if (record.size != size)
            continue;
        addresses[count] = (struct lookup_address){.family = family};
        memcpy(addresses[count++].bytes, record.data, size);
    }
    return count;
}
