/* SPDX-License-Identifier: MIT */
/*
 * Passwords as they are kept: salted and stretched, in the form that SCRAM-SHA-256 needs (RFC 5802,
 * RFC 7677), so that the same entry serves whoever sends a password and whoever proves to know it.
 * As text (RFC 5803):
 *
 *     SCRAM-SHA-256$ITERATIONS:SALT$STOREDKEY:SERVERKEY      the last three in base64
 *
 * Bytes are taken as they are: nothing is normalised.
 */
#ifndef PLI_BASE_PASSWORD_H
#define PLI_BASE_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

#define PLI_PASSWORD_KEY      32  /* bytes of a key */
#define PLI_PASSWORD_SALT_MAX 64  /* bytes */
#define PLI_PASSWORD_TEXT     256 /* bytes that the text needs at most, its NUL included */

/* What RFC 7677 asks for at least, what is made here, and what is borne. */
#define PLI_PASSWORD_ITERATIONS_MIN 4096u
#define PLI_PASSWORD_ITERATIONS     65536u
#define PLI_PASSWORD_ITERATIONS_MAX 10000000u

struct pli_password {
    unsigned iterations;
    size_t salt_length;
    unsigned char salt[PLI_PASSWORD_SALT_MAX];
    unsigned char stored_key[PLI_PASSWORD_KEY];
    unsigned char server_key[PLI_PASSWORD_KEY];
};

/*
 * Computes the keys of PLAIN (LENGTH bytes), with the salt and the iterations that stand in
 * PASSWORD already. It takes long: a handler has it done by a helper. Returns 0 or -ENOMEM.
 */
int pli_password_derive(struct pli_password *password, const char *plain, size_t length);

/* The same with a random salt and PLI_PASSWORD_ITERATIONS. Returns 0, -EIO (no randomness) or -ENOMEM. */
int pli_password_make(struct pli_password *password, const char *plain, size_t length);

/* Writes the text. */
void pli_password_print(const struct pli_password *password, char text[static PLI_PASSWORD_TEXT]);

/* Whether a text is meant to be one of these, right or wrong, and no password itself. */
bool pli_password_is_hash(const char *text);

/* Reads a text; false if it is none. */
bool pli_password_parse(const char *text, struct pli_password *password);

/*
 * Whether PLAIN is the password: 1 or 0, or -ENOMEM. It takes as long as pli_password_derive(),
 * whatever is compared.
 */
int pli_password_verify(const struct pli_password *password, const char *plain, size_t length);

#endif
