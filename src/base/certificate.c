/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "base/certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#define SERIAL_BYTES 16 /* RFC 5280, section 4.1.2.2: at most 20 */

/* -- The certificate ----------------------------------------------------- */

static int add_host(GENERAL_NAMES *names, const char *host)
{
    unsigned char address[16];
    int length = inet_pton(AF_INET, host, address) == 1    ? 4
                 : inet_pton(AF_INET6, host, address) == 1 ? 16
                                                           : 0;
    ASN1_STRING *text = length > 0 ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    GENERAL_NAME *name = GENERAL_NAME_new();

    if (!text || !name ||
        !ASN1_STRING_set(text, length > 0 ? (const void *)address : host,
                         length > 0 ? length : -1)) {
        ASN1_STRING_free(text);
        GENERAL_NAME_free(name);
        return -ENOMEM;
    }
    GENERAL_NAME_set0_value(name, length > 0 ? GEN_IPADD : GEN_DNS, text);
    if (!sk_GENERAL_NAME_push(names, name)) {
        GENERAL_NAME_free(name);
        return -ENOMEM;
    }
    return 0;
}

static int set_hosts(X509 *certificate, const struct pli_certificate_wish *wish)
{
    GENERAL_NAMES *names = GENERAL_NAMES_new();
    int rc = names ? 0 : -ENOMEM;

    for (size_t i = 0; rc == 0 && i < wish->count; i++)
        rc = *wish->hosts[i] ? add_host(names, wish->hosts[i]) : -EINVAL;
    if (rc == 0 && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) != 1)
        rc = -ENOMEM;
    GENERAL_NAMES_free(names);
    return rc;
}

static int set_name(X509 *certificate, const char *text)
{
    X509_NAME *name = X509_get_subject_name(certificate);

    if (!X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)text, -1, -1,
                                    0))
        return -EINVAL; /* RFC 5280, appendix A.1: it may have 64 characters */
    return X509_set_issuer_name(certificate, name) ? 0 : -ENOMEM;
}

static int set_serial(X509 *certificate)
{
    unsigned char bytes[SERIAL_BYTES];
    BIGNUM *number;
    bool set;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1)
        return -ENOMEM;
    bytes[0] &= 0x7f; /* it is positive */
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    set = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
    BN_free(number);
    return set ? 0 : -ENOMEM;
}

static int fill(X509 *certificate, const struct pli_certificate_wish *wish, EVP_PKEY *key)
{
    int rc = set_name(certificate, wish->hosts[0]);

    if (rc == 0)
        rc = set_serial(certificate);
    if (rc == 0)
        rc = set_hosts(certificate, wish);
    if (rc < 0)
        return rc;
    if (!X509_set_version(certificate, X509_VERSION_3) ||
        !X509_gmtime_adj(X509_getm_notBefore(certificate), wish->begins) ||
        !X509_gmtime_adj(X509_getm_notAfter(certificate), wish->ends) ||
        !X509_set_pubkey(certificate, key) || !X509_sign(certificate, key, EVP_sha256()))
        return -ENOMEM;
    return 0;
}

/* -- The files ----------------------------------------------------------- */

static FILE *create(const char *path, mode_t mode)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (fd >= 0 && !file)
        close(fd);
    return file;
}

/* Closes what was written; WRITTEN: all of it. */
static int finish(FILE *file, bool written)
{
    int rc = written && fflush(file) == 0 && fsync(fileno(file)) == 0 ? 0 : errno ? -errno : -EIO;

    if (fclose(file) != 0 && rc == 0)
        rc = -errno;
    return rc;
}

static int write_key(EVP_PKEY *key, const char *path)
{
    FILE *file = create(path, 0600);
    int rc;

    if (!file)
        return -errno;
    rc = finish(file, PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1);
    if (rc < 0)
        unlink(path);
    return rc;
}

static int write_certificate(X509 *certificate, const char *path)
{
    FILE *file = create(path, 0644);
    int rc;

    if (!file)
        return -errno;
    rc = finish(file, PEM_write_X509(file, certificate) == 1);
    if (rc < 0)
        unlink(path);
    return rc;
}

int pli_certificate_make(const struct pli_certificate_wish *wish, const char *certificate,
                         const char *key)
{
    EVP_PKEY *made_key = EVP_EC_gen("P-256");
    X509 *made = X509_new();
    int rc = made_key && made ? fill(made, wish, made_key) : -ENOMEM;

    if (rc == 0)
        rc = write_key(made_key, key);
    if (rc == 0) {
        rc = write_certificate(made, certificate);
        if (rc < 0)
            unlink(key);
    }
    ERR_clear_error();
    X509_free(made);
    EVP_PKEY_free(made_key);
    return rc;
}
