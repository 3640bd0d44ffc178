/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/tls.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/certificate.h"
#include "tests/lib/folder.h"

enum { PATHS = 64 };

struct wallet {
    char *folder;
    char *paths[PATHS];
    size_t count;
};

struct wallet *wallet_new(void)
{
    struct wallet *wallet = calloc(1, sizeof(*wallet));

    if (!wallet || !(wallet->folder = folder_new()))
        abort();
    return wallet;
}

void wallet_free(struct wallet *wallet)
{
    for (size_t i = 0; i < wallet->count; i++)
        free(wallet->paths[i]);
    folder_remove(wallet->folder);
    free(wallet);
}

static const char *new_path(struct wallet *wallet)
{
    char name[16];
    char *path;

    if (wallet->count == PATHS)
        abort();
    snprintf(name, sizeof(name), "%zu.pem", wallet->count);
    path = folder_path(wallet->folder, name);
    if (!path)
        abort();
    wallet->paths[wallet->count++] = path;
    return path;
}

struct pl_tls_certificate wallet_add(struct place place, struct wallet *wallet, const char *host,
                                     long begins, long ends)
{
    struct pl_tls_certificate files = {new_path(wallet), new_path(wallet)};
    struct pli_certificate_wish wish = {.hosts = &host, .count = 1, .begins = begins, .ends = ends};
    int rc = pli_certificate_make(&wish, files.certificate, files.key);

    if (rc < 0)
        expect_fail(place, "no certificate: %s", strerror(-rc));
    return files;
}

const char *wallet_write(struct wallet *wallet, const char *text)
{
    const char *path = new_path(wallet);
    FILE *file = fopen(path, "we");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        abort();
    return path;
}

struct pl_tls *tls_new(const struct pl_tls_certificate *certificates, size_t count)
{
    struct pl_tls_options options = PL_TLS_OPTIONS;
    struct pl_tls *tls = NULL;
    char error[200] = "";

    options.certificates = certificates;
    options.count = count;
    EXPECT(pl_tls_new(&options, &tls, error, sizeof(error)) == 0, "pl_tls_new: %s", error);
    return tls;
}
