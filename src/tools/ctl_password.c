/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tools/ctl_password.h"

#include "base/password.h"
#include "base/utf8.h"

#include <openssl/crypto.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_MAX 256 /* bytes: more does not fit into a line of IRC */

static int complain(const char *text)
{
    fprintf(stderr, "pacelinectl: %s\n", text);
    return -1;
}

void ctl_wipe(char *text, size_t size)
{
    if (text)
        OPENSSL_cleanse(text, size);
    free(text);
}

/* A line, without its end; *TEXT is the caller's to wipe. Returns its length, or -1. */
static ssize_t read_line(char **text, size_t *size)
{
    ssize_t length = getline(text, size, stdin);

    if (length > 0 && (*text)[length - 1] == '\n')
        length--;
    return length;
}

/*
 * The same without echo. Signals from the keyboard are off as well, as they could leave the
 * terminal so: Control-C is a character that no password may have.
 */
static ssize_t read_hidden(const char *prompt, char **text, size_t *size)
{
    struct termios before, quiet;
    ssize_t length;

    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return -1;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) < 0)
        return -1;
    fputs(prompt, stderr);
    length = read_line(text, size);
    fputc('\n', stderr);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    return length;
}

static int check(const char *text, ssize_t length, size_t most)
{
    if (length > 0 && (size_t)length > most) {
        fprintf(stderr, "pacelinectl: the password is longer than %zu bytes\n", most);
        return -1;
    }
    if (length < 0)
        return complain("no password was given");
    if (length == 0)
        return complain("the password is empty");
    if (!pli_utf8_is_valid(text, (size_t)length))
        return complain("the password is not UTF-8");
    for (ssize_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return complain("the password has a control character");
    return 0;
}

static int repeat(const char *text, ssize_t length)
{
    char *again = NULL;
    size_t size = 0;
    ssize_t got = read_hidden("Again: ", &again, &size);
    bool same = got == length && memcmp(again, text, (size_t)length) == 0;

    ctl_wipe(again, size);
    return same ? 0 : complain("the two passwords differ");
}

static int print(const char *text, size_t length)
{
    struct pli_password password;
    char kept[PLI_PASSWORD_TEXT];
    int rc = pli_password_make(&password, text, length);

    if (rc < 0)
        return complain(strerror(-rc));
    pli_password_print(&password, kept);
    if (puts(kept) < 0 || fflush(stdout) != 0) {
        fprintf(stderr, "pacelinectl: standard output: %s\n", strerror(errno));
        return -1;
    }
    return 0;
}

ssize_t ctl_read_password(size_t most, char **text, size_t *size)
{
    bool terminal = isatty(STDIN_FILENO);
    ssize_t length;
    int rc;

    *text = NULL;
    *size = 0;
    length = terminal ? read_hidden("Password: ", text, size) : read_line(text, size);
    rc = check(*text, length, most);
    if (rc == 0 && terminal)
        rc = repeat(*text, length);
    return rc == 0 ? length : -1;
}

int ctl_hash_password(void)
{
    char *text;
    size_t size;
    ssize_t length = ctl_read_password(PASSWORD_MAX, &text, &size);
    int rc = length < 0 ? -1 : print(text, (size_t)length);

    ctl_wipe(text, size);
    return rc;
}
