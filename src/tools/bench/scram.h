/* SPDX-License-Identifier: MIT */
/* The client's side of SASL for the load login: messages as the lines of IRC have them, in base64. */
#ifndef TOOLS_BENCH_SCRAM_H
#define TOOLS_BENCH_SCRAM_H

#include <stdint.h>

enum { SCRAM_TEXT = 400, SCRAM_KEY = 32, SCRAM_SALT = 64 };

/*
 * Who logs in, again and again. What SCRAM stretches the password to is the same as long as salt and
 * iterations are, and is computed once: the load is the server's.
 */
struct scram_client {
    const char *name, *password;
    unsigned char salt[SCRAM_SALT];
    int salt_length; /* 0: nothing is computed yet */
    int iterations;
    unsigned char salted[SCRAM_KEY];
};

/* The message of PLAIN. */
void scram_plain(const struct scram_client *client, char out[SCRAM_TEXT]);

/* The first message of SCRAM-SHA-256; NUMBER makes it another one than that of others. */
void scram_first(const struct scram_client *client, uint64_t number, char out[SCRAM_TEXT]);

/*
 * The second one, which answers SERVER's, and what the server then says if it knows the password.
 * Returns 0 or -EPROTO.
 */
int scram_final(struct scram_client *client, uint64_t number, const char *server,
                char out[SCRAM_TEXT], char expected[SCRAM_TEXT]);

#endif
