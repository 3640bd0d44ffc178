/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "chat/cloak.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes of a hash that are shown, 5 bits a letter. */
#define SHOWN   5
#define LETTERS 8

static int read_key(int fd, struct chat_cloak_key *key)
{
    char rest;
    ssize_t got = read(fd, key->bytes, sizeof key->bytes);

    if (got < 0)
        return -errno;
    if (got != (ssize_t)sizeof key->bytes || read(fd, &rest, 1) != 0)
        return -EINVAL;
    return 0;
}

static int write_key(int fd, const struct chat_cloak_key *key)
{
    ssize_t put = write(fd, key->bytes, sizeof key->bytes);

    if (put < 0)
        return -errno;
    if (put != (ssize_t)sizeof key->bytes)
        return -ENOSPC;
    return fsync(fd) < 0 ? -errno : 0;
}

int chat_cloak_key_make(struct chat_cloak_key *key)
{
    ssize_t got = getrandom(key->bytes, sizeof key->bytes, 0);

    return got == (ssize_t)sizeof key->bytes ? 0 : got < 0 ? -errno : -EIO;
}

/* Makes the file under another name first, so that it is there whole or not at all. */
static int make_key(const char *path, struct chat_cloak_key *key)
{
    char fresh[4096];
    int length = snprintf(fresh, sizeof fresh, "%s.new", path);
    int fd, rc;

    if (length < 0 || (size_t)length >= sizeof fresh)
        return -ENAMETOOLONG;
    rc = chat_cloak_key_make(key);
    if (rc < 0)
        return rc;
    fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    rc = fchmod(fd, 0600) < 0 ? -errno : write_key(fd, key);
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    if (rc == 0 && rename(fresh, path) < 0)
        rc = -errno;
    if (rc < 0)
        (void)unlink(fresh);
    return rc;
}

int chat_cloak_key_load(const char *path, struct chat_cloak_key *key)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    int rc;

    if (fd < 0)
        return errno == ENOENT ? make_key(path, key) : -errno;
    rc = read_key(fd, key);
    close(fd);
    return rc;
}

/* Appends what the first BITS of the address look like. The kind tells IPv4 from IPv6. */
static size_t put_part(const struct chat_cloak_key *key, int kind, const unsigned char *address,
                       unsigned bits, char *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char data[2 + 16] = {(unsigned char)kind, (unsigned char)bits};
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned long long word = 0;

    memcpy(data + 2, address, bits / 8);
    if (!HMAC(EVP_sha256(), key->bytes, (int)sizeof key->bytes, data, 2 + bits / 8, digest, NULL))
        memset(digest, 0, sizeof digest); /* without memory: a host that tells nothing */
    for (size_t i = 0; i < SHOWN; i++)
        word = word << 8 | digest[i];
    for (size_t i = 0; i < LETTERS; i++)
        out[i] = letters[word >> (5 * (LETTERS - 1 - i)) & 31];
    out[LETTERS] = '.';
    return LETTERS + 1;
}

void chat_cloak(const struct chat_cloak_key *key, const char *address,
                char host[CHAT_CLOAK_MAX + 1])
{
    static const unsigned parts4[] = {32, 24, 16};
    static const unsigned parts6[] = {64, 48, 32};
    unsigned char bytes[16];
    const unsigned *parts = parts4;
    size_t length = 0;
    int kind = 4;

    if (inet_pton(AF_INET, address, bytes) != 1) {
        if (inet_pton(AF_INET6, address, bytes) != 1) {
            strcpy(host, "localhost"); /* a Unix socket */
            return;
        }
        parts = parts6;
        kind = 6;
    }
    for (size_t i = 0; i < 3; i++)
        length += put_part(key, kind, bytes, parts[i], host + length);
    strcpy(host + length, "ip");
}
