/* SPDX-License-Identifier: MIT */
/* TLS as the configuration has it: certificates at the start, at a reload, and made to try it. */
#include "config.h"

#include "base/certificate.h"
#include "tests/lib/command.h"
#include "tests/lib/daemon.h"
#include "tests/lib/folder.h"
#include "tests/lib/models.h"
#include "tests/lib/peer_tls.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACELINE    command_program("PACELINE")
#define PACELINECTL command_program("PACELINECTL")

#define LISTENER "listeners = ( { service = \"echo\"; port = 0; tls = true; } );\n"
#define PLAIN    "listeners = ( { service = \"echo\"; port = 0; } );\n"

/* A folder with certificates, beside that of the daemon. */
static char *certificates;

static void make_certificate(const char *name, const char *host, long begins, long ends)
{
    struct pli_certificate_wish wish = {.hosts = &host, .count = 1, .begins = begins, .ends = ends};
    char file[40];
    char *paths[2];
    int rc;

    snprintf(file, sizeof(file), "%s.pem", name);
    paths[0] = folder_path(certificates, file);
    snprintf(file, sizeof(file), "%s.key", name);
    paths[1] = folder_path(certificates, file);
    rc = pli_certificate_make(&wish, paths[0], paths[1]);
    EXPECT(rc == 0, "%s: %s", name, strerror(-rc));
    free(paths[0]);
    free(paths[1]);
}

static void make_certificates(void)
{
    certificates = folder_new();
    EXPECT(certificates, "no folder");
    make_certificate("old", "old.example", -60, 3600);
    make_certificate("new", "new.example", -60, 3600);
    make_certificate("past", "past.example", -7200, -3600);
}

/* A configuration with that certificate and key, valid until the next call. */
static const char *with(const char *certificate, const char *key, const char *rest)
{
    static char text[4000];

    snprintf(text, sizeof(text),
             DAEMON_SERVER "tls: { certificate = \"%s/%s.pem\"; key = \"%s/%s.key\"; };\n%s",
             certificates, certificate, certificates, key, rest);
    return text;
}

static struct peer *connect_tls(unsigned port, const char *host)
{
    struct peer *peer = PEER_CONNECT(port);

    PEER_TLS(peer, .host = host);
    return peer;
}

static void expect_echo(struct peer *peer)
{
    PEER_SEND_TEXT(peer, "still there\n");
    PEER_EXPECT_LINE(peer, "still there");
}

#define EXPECT_SHOWN(port, named, host) expect_shown(HERE, port, named, host)
static void expect_shown(struct place place, unsigned port, const char *named, const char *host)
{
    struct peer *peer = connect_tls(port, named);

    if (!peer_tls_shows(peer, host))
        expect_fail(place, "the certificate is not for %s", host);
    expect_echo(peer);
    peer_close(peer);
}

static int run_pacelinectl_reload(struct daemon *daemon)
{
    struct command_result result =
        COMMAND_RUN(NULL, PACELINECTL, "-s", daemon_path(daemon, "control"), "reload");
    int status = result.status;

    command_clear(&result);
    return status;
}

static void reload_changes_the_certificate_and_leaves_sessions_alone(void)
{
    struct daemon *daemon;
    struct peer *peer;
    unsigned port;

    make_certificates();
    daemon = DAEMON_START(with("old", "old", LISTENER), 1);
    port = DAEMON_PORT(daemon, "echo", 0);
    peer = connect_tls(port, NULL);
    expect_echo(peer);
    daemon_configure(daemon, with("new", "new", LISTENER));
    daemon_signal(daemon, SIGHUP);
    DAEMON_EXPECT_LOG(daemon, "the configuration is reloaded");
    EXPECT_SHOWN(port, NULL, "new.example");
    CU_ASSERT_TRUE(peer_tls_shows(peer, "old.example"));
    expect_echo(peer);
    daemon_configure(daemon, with("old", "old", LISTENER));
    CU_ASSERT_EQUAL(run_pacelinectl_reload(daemon), 0);
    EXPECT_SHOWN(port, NULL, "old.example");
    expect_echo(peer);
    peer_close(peer);
    DAEMON_STOP(daemon);
    folder_remove(certificates);
}

static void reload_that_cannot_be_changes_nothing(void)
{
    static const struct {
        const char *certificate;
        const char *key;
        const char *error;
    } wrong[] = {
        {"new", "old", "mismatch"},
        {"none", "none", "none.pem: No such file or directory"},
        {"new", "none", "none.key: No such file or directory"},
        {"past", "past", "past.pem: the certificate has expired"},
    };
    struct daemon *daemon;
    unsigned port;

    make_certificates();
    daemon = DAEMON_START(with("old", "old", LISTENER), 1);
    port = DAEMON_PORT(daemon, "echo", 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        daemon_configure(daemon, with(wrong[i].certificate, wrong[i].key, LISTENER));
        daemon_signal(daemon, SIGHUP);
        DAEMON_EXPECT_LOG(daemon, wrong[i].error);
        DAEMON_EXPECT_LOG(daemon, "the configuration stays as it was");
        EXPECT_SHOWN(port, NULL, "old.example");
    }
    DAEMON_STOP(daemon);
    folder_remove(certificates);
}

/* Plain text is answered by a listener without TLS, at the latest when the one with it has gone. */
static void expect_plain(unsigned port)
{
    uint64_t deadline = expect_deadline();
    struct peer *peer = NULL;
    char *line = NULL;
    bool plain = false;

    while (!plain && expect_remaining(deadline) > 0) {
        peer_close(peer);
        peer = PEER_CONNECT(port);
        PEER_SEND_TEXT(peer, "plain\n");
        plain = peer_next_line(peer, &line) == 0 && strcmp(line, "plain") == 0;
    }
    EXPECT(plain, "it is not plain text");
    peer_close(peer);
}

/* The same the other way round: then plain text is refused. */
static void expect_no_plain(unsigned port)
{
    uint64_t deadline = expect_deadline();
    bool plain = true;

    while (plain) {
        struct peer *peer = PEER_CONNECT(port);
        char *line;

        PEER_SEND_TEXT(peer, "plain\n");
        EXPECT(peer_next_line(peer, &line) == 0, "no answer");
        plain = strcmp(line, "plain") == 0;
        peer_close(peer);
        EXPECT(expect_remaining(deadline) > 0, "plain text is still spoken");
    }
}

static void reload_begins_and_ends_it(void)
{
    struct daemon *daemon;
    unsigned port;

    make_certificates();
    daemon = DAEMON_START(with("none", "none", PLAIN), 1);
    port = DAEMON_PORT(daemon, "echo", 0);
    daemon_configure(daemon, with("none", "none", LISTENER));
    CU_ASSERT_NOT_EQUAL(run_pacelinectl_reload(daemon), 0);
    daemon_configure(daemon, with("old", "old", LISTENER));
    CU_ASSERT_EQUAL(run_pacelinectl_reload(daemon), 0);
    expect_no_plain(port);
    EXPECT_SHOWN(port, NULL, "old.example");
    daemon_configure(daemon, with("none", "none", PLAIN));
    CU_ASSERT_EQUAL(run_pacelinectl_reload(daemon), 0);
    expect_plain(port);
    DAEMON_STOP(daemon);
    folder_remove(certificates);
}

static void client_may_name_another_host(void)
{
    struct daemon *daemon;
    char rest[2000];
    unsigned port;

    make_certificates();
    snprintf(rest, sizeof(rest),
             LISTENER
             "certificates = ( { certificate = \"%s/new.pem\"; key = \"%s/new.key\"; } );\n",
             certificates, certificates);
    daemon = DAEMON_START(with("old", "old", rest), 1);
    port = DAEMON_PORT(daemon, "echo", 0);
    EXPECT_SHOWN(port, NULL, "old.example");
    EXPECT_SHOWN(port, "new.example", "new.example");
    EXPECT_SHOWN(port, "other.example", "old.example");
    DAEMON_STOP(daemon);
    folder_remove(certificates);
}

static void expired_certificate_is_warned_of(void)
{
    struct daemon *daemon;

    make_certificates();
    daemon = DAEMON_START(with("past", "past", LISTENER), 1);
    DAEMON_EXPECT_LOG(daemon, "past.pem: the certificate has expired");
    EXPECT_SHOWN(DAEMON_PORT(daemon, "echo", 0), NULL, "past.example");
    DAEMON_STOP(daemon);
    folder_remove(certificates);
}

/* A file with that text in FOLDER, for a server whose folder is STATE. */
static char *write_file(const char *folder, const char *state, const char *text)
{
    char *path = folder_path(folder, "test.conf");
    FILE *file = fopen(path, "we");

    EXPECT(file && fprintf(file, "server: { state_dir = \"%s\"; };\n%s", state, text) > 0 &&
               fclose(file) == 0,
           "%s: %s", path, strerror(errno));
    return path;
}

static void without_a_certificate_there_is_no_start(void)
{
    char *folder = folder_new();
    char *file = write_file(folder, folder, "tls: { };\n" LISTENER);
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", file);

    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "tls-cert.pem: No such file or directory"));
    command_clear(&result);
    free(file);
    folder_remove(folder);
}

/* What --check says of a configuration with the certificate in its second line and the key in the third. */
#define EXPECT_CHECK(status, error, certificate, key, rest)                                        \
    expect_check(HERE, status, error, certificate, key, rest)
static void expect_check(struct place place, int status, const char *error, const char *certificate,
                         const char *key, const char *rest)
{
    char text[1500];
    char *file;
    struct command_result result;

    snprintf(text, sizeof(text),
             "tls: { certificate = \"%s/%s.pem\";\n key = \"%s/%s.key\"; };\n%s", certificates,
             certificate, certificates, key, rest);
    file = write_file(certificates, certificates, text);
    result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--check");
    if (result.status != status || (*error ? !strstr(result.err, error) : *result.err != '\0'))
        expect_fail(place, "status %d, %s", result.status, result.err);
    if ((status == 0) != (strstr(result.out, "the configuration is good") != NULL))
        expect_fail(place, "it says %s", result.out);
    command_clear(&result);
    free(file);
}

static void check_reads_certificates_and_keys(void)
{
    char others[1000];

    make_certificates();
    EXPECT_CHECK(0, "", "old", "old", LISTENER);
    EXPECT_CHECK(0, "", "none", "none", PLAIN);
    EXPECT_CHECK(3, "test.conf:2: tls.certificate: ", "none", "old", LISTENER);
    EXPECT_CHECK(3, "/none.pem: No such file or directory\n", "none", "old", LISTENER);
    EXPECT_CHECK(3, "test.conf:3: tls.key: ", "old", "none", LISTENER);
    EXPECT_CHECK(3, "/new.key: key values mismatch\n", "old", "new", LISTENER);
    EXPECT_CHECK(3, "test.conf:3: tls.key: ", "old", "new", LISTENER);
    EXPECT_CHECK(0, "test.conf:2: tls.certificate: ", "past", "past", LISTENER);
    EXPECT_CHECK(0, "/past.pem: the certificate has expired or is not valid yet\n", "past", "past",
                 LISTENER);
    snprintf(others, sizeof(others),
             LISTENER "certificates = ( { certificate = \"%s/old.pem\"; key = \"%s/old.key\"; },\n"
                      "  { certificate = \"%s/test.conf\"; key = \"%s/old.key\"; } );\n",
             certificates, certificates, certificates, certificates);
    EXPECT_CHECK(3, "test.conf:6: certificates[1].certificate: ", "old", "old", others);
    EXPECT_CHECK(3, "test.conf:3: tls.key: ", "old", "none", others); /* and that */
    EXPECT_CHECK(3, "test.conf:6: certificates[1].certificate: ", "old", "none", others);
    folder_remove(certificates);
}

/* The folder is a server's that runs, and is not to be made where there is none. */
static void check_touches_nothing(void)
{
    struct daemon *daemon;
    struct command_result result;
    char *folder, *file;

    make_certificates();
    daemon = DAEMON_START(with("old", "old", LISTENER), 1);
    result = COMMAND_RUN(NULL, PACELINE, "-c", daemon_path(daemon, "paceline.conf"), "--check");
    COMMAND_EXPECT(&result, 0);
    CU_ASSERT_STRING_EQUAL(result.err, "");
    command_clear(&result);
    DAEMON_STOP(daemon);
    folder = folder_path(certificates, "state");
    file = write_file(certificates, folder, LISTENER);
    result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--check");
    COMMAND_EXPECT(&result, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "/state/tls-cert.pem: No such file or directory"));
    CU_ASSERT_EQUAL(access(folder, F_OK), -1);
    command_clear(&result);
    free(file);
    free(folder);
    folder_remove(certificates);
}

static void certificate_to_try_it_with_takes_one_command(void)
{
    struct daemon *daemon = DAEMON_START(DAEMON_SERVER PLAIN, 1);
    const char *file = daemon_path(daemon, "paceline.conf");
    struct command_result result = COMMAND_RUN(NULL, PACELINE, "-c", file, "--make-cert");
    unsigned port = DAEMON_PORT(daemon, "echo", 0);
    struct stat status;
    char expected[1000];

    COMMAND_EXPECT(&result, 0);
    snprintf(expected, sizeof(expected), "certificate %s/tls-cert.pem\nkey %s/tls-key.pem\n",
             daemon_folder(daemon), daemon_folder(daemon));
    CU_ASSERT_STRING_EQUAL(result.out, expected);
    command_clear(&result);
    CU_ASSERT_EQUAL_FATAL(stat(daemon_path(daemon, "tls-key.pem"), &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 0777, 0600);
    daemon_configure(daemon, DAEMON_SERVER LISTENER);
    CU_ASSERT_EQUAL(run_pacelinectl_reload(daemon), 0);
    expect_no_plain(port);
    EXPECT_SHOWN(port, NULL, "test.example");
    EXPECT_SHOWN(port, NULL, "localhost");
    result = COMMAND_RUN(NULL, PACELINE, "-c", daemon_path(daemon, "paceline.conf"), "--make-cert");
    COMMAND_EXPECT(&result, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(result.err, "tls-cert.pem: there is one already, which stays"));
    command_clear(&result);
    EXPECT_SHOWN(port, NULL, "localhost");
    DAEMON_STOP(daemon);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"reload changes the certificate and leaves sessions alone",
         reload_changes_the_certificate_and_leaves_sessions_alone},
        {"reload that cannot be changes nothing", reload_that_cannot_be_changes_nothing},
        {"reload begins and ends it", reload_begins_and_ends_it},
        {"client may name another host", client_may_name_another_host},
        {"expired certificate is warned of", expired_certificate_is_warned_of},
        {"without a certificate there is no start", without_a_certificate_there_is_no_start},
        {"check reads certificates and keys", check_reads_certificates_and_keys},
        {"check touches nothing", check_touches_nothing},
        {"certificate to try it with takes one command",
         certificate_to_try_it_with_takes_one_command},
        {NULL, NULL},
    };

    return models_main(argc, argv, "TLS", tests);
}
