/* SPDX-License-Identifier: MIT */
/* Fingerprints of certificates: SHA-256, 64 hexadecimal digits in lower case. */
#ifndef ACCOUNT_FINGERPRINT_H
#define ACCOUNT_FINGERPRINT_H

#include <stdbool.h>

#define ACCOUNT_FINGERPRINT 64

/* Writes one as it is kept; what people write has any case and colons anywhere. False: it is none. */
bool account_fingerprint_read(const char *text, char normal[static ACCOUNT_FINGERPRINT + 1]);

#endif
