/* SPDX-License-Identifier: MIT */
/*
 * Addresses of mail, and the codes that are sent there. A code has 80 bits, so that nobody guesses
 * it; what is kept is a digest of it, so that nobody reads it in a copy of the store.
 */
#include "config.h"

#include "account/inside.h"

#include "base/text.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

#define LOCAL_MAX   64  /* RFC 5321, 4.5.3.1.1 */
#define ADDRESS_MAX 254 /* 4.5.3.1.3, less the brackets */

static bool is_letter_or_digit(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

static bool is_atom(char byte)
{
    return is_letter_or_digit(byte) || (byte && strchr("!#$%&'*+-/=?^_`{|}~", byte));
}

static bool is_domain(char byte)
{
    return is_letter_or_digit(byte) || byte == '-';
}

/* Words of one byte or more, with dots between them, none of which begins or ends with a dash. */
static bool are_words(const char *text, size_t length, bool (*takes)(char byte))
{
    for (size_t i = 0; i < length; i++) {
        bool first = i == 0 || text[i - 1] == '.';
        bool last = i + 1 == length || text[i + 1] == '.';

        if (text[i] == '.' ? first || last : !takes(text[i]))
            return false;
        if (text[i] == '-' && (first || (last && takes == is_domain)))
            return false;
    }
    return length > 0;
}

/* Neither quotes nor comments nor spaces: nothing that a header of a mail could be made of. */
bool account_email_is_good(const char *email)
{
    size_t length = strnlen(email, ADDRESS_MAX + 1);
    const char *at = memchr(email, '@', length);
    size_t local = at ? (size_t)(at - email) : 0;

    return at && length <= ADDRESS_MAX && local <= LOCAL_MAX && are_words(email, local, is_atom) &&
           are_words(at + 1, length - local - 1, is_domain);
}

const char *account_email_given(const char *email)
{
    return strcmp(email, "*") == 0 ? "" : email;
}

int account_code_make(char code[static ACCOUNT_CODE_LENGTH + 1])
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char bytes[ACCOUNT_CODE_LENGTH];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return -EIO;
    for (size_t i = 0; i < ACCOUNT_CODE_LENGTH; i++)
        code[i] = letters[bytes[i] & 31];
    code[ACCOUNT_CODE_LENGTH] = '\0';
    OPENSSL_cleanse(bytes, sizeof bytes);
    return 0;
}

int account_code_digest(const char *folded, const char *code, char text[static ACCOUNT_CODE_KEPT])
{
    static const char digits[] = "0123456789abcdef";
    char joined[ACCOUNT_NAME_MAX + 1 + ACCOUNT_CODE_MAX];
    size_t name = strlen(folded) + 1; /* with its NUL */
    size_t length = strnlen(code, ACCOUNT_CODE_MAX);
    unsigned char digest[32];
    int done;

    memcpy(joined, folded, name);
    for (size_t i = 0; i < length; i++)
        joined[name + i] = pli_ascii_lower(code[i]);
    done = EVP_Digest(joined, name + length, digest, NULL, EVP_sha256(), NULL);
    OPENSSL_cleanse(joined, sizeof joined);
    if (!done)
        return -ENOMEM;
    for (size_t i = 0; i < sizeof digest; i++) {
        *text++ = digits[digest[i] >> 4];
        *text++ = digits[digest[i] & 15];
    }
    *text = '\0';
    return 0;
}
