/* SPDX-License-Identifier: MIT */
/*
 * Mails with a code, handed to a program (accounts.mail_command). It is run without a shell: the words
 * of the command are its name and arguments. A whole message (RFC 5322), its lines ended by LF as
 * programs like sendmail(8) have it, stands on its standard input. It has nothing else open but
 * /dev/null as standard output and error, and so much time.
 */
#ifndef ACCOUNT_MAIL_H
#define ACCOUNT_MAIL_H

#include <stdint.h>

#define ACCOUNT_MAIL_SECONDS 30

struct account_mail {
    const char *server;
    const char *network;
    const char *to; /* account_email_is_good() */
    const char *account;
    const char *code;
    unsigned hours; /* that the code holds; 0: less than one */
    uint64_t time;  /* seconds since 1970 */
};

/*
 * Sends it, and waits until the program has ended. Returns 0, -ETIMEDOUT (it was killed), -EIO (it has
 * failed), -EMSGSIZE, or the errno of a call. What went wrong is in the log, and nothing secret.
 */
int account_mail_send(const char *command, const struct account_mail *mail);

/* The same with another time. */
int account_mail_send_within(const char *command, const struct account_mail *mail,
                             unsigned milliseconds);

#endif
