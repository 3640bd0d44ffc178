/* SPDX-License-Identifier: MIT */
/*
 * Every command that HELP names, and some that nobody knows, with parameters of every bad kind:
 * before and after the registration, as operator of the server or not, with a label or not. All
 * that comes back is as the protocol wants it (tests/lib/irc_said.h), a numeric is for whom it
 * should be, a label is answered exactly once, and the server lives.
 */
#include "config.h"

#include "base/password.h"
#include "tests/lib/irc_said.h"
#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RIGHT        "sesame"
#define COMMANDS_MAX 100
#define NAME_ROOM    20

/* Stands for 300 bytes of x, and for 450. */
#define LONG   "LONG"
#define LONGER "LONGER"

/* What follows a command; some hold for all, some are for one kind of command or another. */
static const char *const parameters[] = {
    "",
    " ",
    " :",
    " : ",
    " ::",
    " x",
    " *",
    " **",
    " #",
    " #,#",
    " ,",
    " ,,,,,",
    " :,a,",
    " #room",
    " #room :",
    " #room : ",
    " #ROOM x",
    " #nosuch x",
    " #room victim",
    " #room,#other,#room,#other,#room,#other victim,victim,victim,victim,victim,victim",
    " victim",
    " victim :",
    " victim #room",
    " nosuch #room :text",
    " VICTIM victim victim",
    " @#room :text",
    " ~&@%+#room :text",
    " @",
    " +",
    " -",
    " + -",
    " +-+- x",
    " x +imnpstCcuUMRzP",
    " #room +imnpstCcuUMRzP-imnpstCcuUMRzP",
    " #room +kkkk a b",
    " #room +k :a b",
    " #room +l -1",
    " #room +l 99999999999999999999",
    " #room +j 0:0",
    " #room +f #",
    " #room +beI",
    " #room +b a!b@c@d!e",
    " #room +b :a b",
    " #room +b m:m:m:",
    " #room +b " LONG,
    " #room +qaohv victim victim victim victim victim",
    " #room +o nosuch",
    " #room +\xC3\xA9\xE2\x82\xAC x",
    " #room +vvvvvvvvvvvvvvvvvvvv-vvvvvvvvvvvvvvvvvvvv v v v v v v v v v v v v",
    " 0",
    " -1",
    " 999999999999999999999999",
    " a 0 * :real",
    " \x01",
    " :\x01",
    " #room :\x01\x01",
    " #room :\x01"
    "ACTION",
    " #room :\x01"
    "ACTION\x01",
    " victim :\x01VERSION\x01",
    " \x02\x03\x1F",
    " #\x07",
    " :a\tb",
    " \xC3\xA4\xC3\xB6",
    " #\xC3\xA4\xC3\xB6 :\xE2\x82\xAC",
    " :\xF0\x9F\x90\xB1",
    " \xFF",
    " #room :\xC3",
    " %s%n%x",
    " :%s%n%x",
    " \\ \\\\ `'\"$(){}[]<>|;&",
    " LS 302",
    " LS -1",
    " REQ :",
    " REQ :nosuch",
    " REQ :-",
    " REQ :away-notify -away-notify away-notify",
    " ACK x",
    " *!*@* %tcuihsnfdlaor,999",
    " * %,",
    " #room %n%n%,1234567",
    " + victim,nosuch,,*,#room," LONG,
    " - *",
    " +",
    " C",
    " L",
    " S",
    " -victim,nosuch,*",
    " >0,<0,C>,T<x,!*,!",
    " >99999999999999999999999",
    " test.example",
    " nosuch.example victim",
    " admin wrong",
    " nosuch x",
    " " LONG,
    " :" LONG,
    " #" LONG,
    " " LONG " x",
    " x " LONG,
    " #room " LONG,
    " #room :" LONG,
    " " LONGER,
    " #room :" LONGER,
    " LONG,LONG,x,y,z",
    " 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20",
    " a b c d e f g h i j k l m n o :p q r",
    " : : : :",
    " x" LONGER LONGER,
};

#define PARAMETERS (sizeof parameters / sizeof parameters[0])

/* Lines that are no command with parameters at all. */
static const char *const oddities[] = {
    ":",
    ":x",
    ": x",
    "@",
    "@x",
    "@=",
    "@ PING x",
    "@;;; PING x",
    "@label=1",
    "@label= PING x",
    "@a=\\ PING x",
    "::x PING x",
    ":x :PING x",
    "123 x",
    "001",
    "\x01",
    "\xC3\xA4",
    "\xFF",
    "PING\tx",
    "0",
    "-",
    "*",
    "ping",
    "pInG x",
    "ACK",
    "BATCH +1 x",
    "FAIL x",
    "ERROR :x",
    "SERVER x",
    "SQUIT x",
    "CONNECT x",
    "SERVICE x",
    "NJOIN x",
    "DIE",
    "RESTART",
    "AUTHENTICATE PLAIN",
    "REGISTER * * x",
};

#define ODDITIES (sizeof oddities / sizeof oddities[0])

static char commands[COMMANDS_MAX][NAME_ROOM];
static size_t command_count;

/* Who asks, and what they are called at the moment. */
struct asker {
    struct peer *peer;
    bool registered;
    bool operator;
    bool labels;
    char nick[64];
    unsigned tries;
};

static struct daemon *server;

/* Who is in #room from the beginning, and sees everything. */
static struct peer *victim;

/* -- Commands --------------------------------------------------------------------------------- */

static void note_command(const char *word, size_t length)
{
    for (size_t i = 0; i < command_count; i++)
        if (strlen(commands[i]) == length && memcmp(commands[i], word, length) == 0)
            return;
    EXPECT(command_count < COMMANDS_MAX, "so many commands");
    memcpy(commands[command_count], word, length);
    commands[command_count++][length] = '\0';
}

/* All words in capitals that HELP shows: more than commands may be among them. */
static void find_commands(void)
{
    struct peer *peer = irc_join(server, "reader", NULL);
    char *line;

    irc_send(peer, "HELP");
    do {
        const char *at;

        EXPECT_RESULT(peer_next_line(peer, &line), 0);
        at = strstr(line + 1, " :");
        for (at = at ? at + 2 : ""; *at; at += strspn(at, " ")) {
            size_t length = strcspn(at, " ");

            if (length >= 3 && length < NAME_ROOM &&
                strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= length)
                note_command(at, length);
            at += length;
        }
    } while (!strstr(line, " 706 "));
    peer_close(peer);
    note_command("NOSUCHCOMMAND", 13);
    EXPECT(command_count > 30, "HELP names %zu commands only", command_count);
}

/* -- Asking ----------------------------------------------------------------------------------- */

static void come(struct asker *asker)
{
    asker->peer = IRC_CONNECT(server);
    asker->tries = 0;
    if (asker->labels) {
        irc_send(asker->peer, "CAP REQ :batch labeled-response");
        PEER_SKIP_TO(asker->peer, ".* ACK .*");
        irc_send(asker->peer, "CAP END");
    }
    strcpy(asker->nick, "*");
    if (!asker->registered)
        return;
    strcpy(asker->nick, "asker");
    irc_send(asker->peer, "NICK asker");
    irc_send(asker->peer, "USER asker 0 * :Asks");
    if (asker->operator) {
        irc_send(asker->peer, "OPER admin " RIGHT);
        PEER_SKIP_TO(asker->peer, ".* 381 .*");
    }
    irc_send(asker->peer, "JOIN #room");
    PEER_SKIP_TO(asker->peer, ".* 366 .*");
    irc_send(victim, "MODE #room +oo asker asker");
    PEER_SKIP_TO(asker->peer, ".* MODE #room \\+o asker");
}

/* Writes TEXT with what LONG and LONGER stand for. */
static void expand(const char *text, char *out, size_t size)
{
    size_t used = 0;

    while (*text) {
        size_t length = strncmp(text, LONGER, strlen(LONGER)) == 0 ? 450
                        : strncmp(text, LONG, strlen(LONG)) == 0   ? 300
                                                                   : 0;

        EXPECT(used + length + 2 < size, "a line that is too long");
        memset(out + used, 'x', length);
        used += length;
        if (length == 0)
            out[used++] = *text++;
        else
            text += length == 300 ? strlen(LONG) : strlen(LONGER);
    }
    out[used] = '\0';
}

/* What the answer to one line has shown so far. */
struct answer {
    const char *asked;
    unsigned labels;
    int batches;
    bool ended;
};

/* Nicks change by what comes back. */
static void follow_nick(struct asker *asker, const struct irc_said *said)
{
    size_t length = strlen(asker->nick);

    if (chat_text_equal(said->command, chat_text("001")))
        snprintf(asker->nick, sizeof asker->nick, "%.*s", (int)said->params[0].length,
                 said->params[0].data);
    else if (irc_said_is(said, "NICK") && said->source.length > length &&
             memcmp(said->source.data, asker->nick, length) == 0 &&
             said->source.data[length] == '!')
        snprintf(asker->nick, sizeof asker->nick, "%.*s", (int)said->params[0].length,
                 said->params[0].data);
}

/* Before the registration a nick may be used once it is given, or not. */
static bool is_for(const struct asker *asker, const struct irc_said *said)
{
    return chat_text_equal(said->params[0], chat_text(asker->nick)) ||
           (strcmp(asker->nick, "*") == 0 && said->params[0].length > 0);
}

static void check_line(struct asker *asker, struct answer *answer, const char *line)
{
    struct irc_said said;
    const char *wrong = irc_said_parse(chat_text(line), &said);
    struct chat_text label;

    EXPECT(!wrong, "%s: %s: %s", answer->asked, wrong, line);
    follow_nick(asker, &said);
    EXPECT(!said.numeric || is_for(asker, &said), "%s: for whom is %s", answer->asked, line);
    label = irc_said_tag(&said, "label");
    if (label.data) {
        EXPECT(asker->labels && chat_text_equal(label, chat_text("L1")), "%s: a label: %s",
               answer->asked, line);
        answer->labels++;
    }
    if (irc_said_is(&said, "BATCH"))
        answer->batches += said.params[0].data[0] == '+' ? 1 : -1;
    EXPECT(answer->batches == 0 || answer->batches == 1, "%s: batches: %s", answer->asked, line);
}

/* Reads until the PONG after what was asked, or the connection's end. */
static void read_answer(struct asker *asker, struct answer *answer, const char *pong)
{
    char *line;
    int rc;

    while ((rc = peer_next_line(asker->peer, &line)) == 0) {
        size_t length = strlen(line);

        if (length > strlen(pong) && strcmp(line + length - strlen(pong), pong) == 0)
            break;
        check_line(asker, answer, line);
        if (strncmp(line, "ERROR ", 6) == 0 || strstr(line, " ERROR :"))
            answer->ended = true;
    }
    EXPECT(rc == 0 || answer->ended, "%s: the connection ends with %d", answer->asked, rc);
    EXPECT(answer->batches == 0, "%s: a batch stays open", answer->asked);
    if (rc != 0) {
        peer_close(asker->peer);
        asker->peer = NULL;
    }
}

/* Whether a line is so broken that its label is not seen. */
static bool is_too_long(const char *asked)
{
    return strlen(asked) > 510;
}

static void ask(struct asker *asker, const char *asked)
{
    struct answer answer = {.asked = asked};
    char text[2200], pong[40];
    int length;

    if (!asker->peer)
        come(asker);
    snprintf(pong, sizeof pong, " :end%u", ++asker->tries);
    length = snprintf(text, sizeof text, "%s%s\r\nPING end%u\r\n",
                      asker->labels ? "@label=L1 " : "", asked, asker->tries);
    PEER_SEND(asker->peer, text, (size_t)length);
    read_answer(asker, &answer, pong);
    if (asker->labels && !is_too_long(asked))
        EXPECT(answer.labels == 1, "%s: the label comes %u times", asked, answer.labels);
}

/* -- Tests ------------------------------------------------------------------------------------ */

static void begin(void)
{
    struct pli_password password = {.iterations = 4096, .salt_length = 4, .salt = "salt"};
    char text[PLI_PASSWORD_TEXT], settings[PLI_PASSWORD_TEXT + 600];

    EXPECT(pli_password_derive(&password, RIGHT, strlen(RIGHT)) == 0, "no password");
    pli_password_print(&password, text);
    snprintf(settings, sizeof settings,
             IRC_ONLY "limits: { flood_rate = 0; channels_per_user = 20; };\n"
                      "opers = ( { name = \"admin\"; password = \"%s\"; } );\n",
             text);
    server = DAEMON_START(settings, 1);
    if (command_count == 0)
        find_commands();
    victim = irc_join_channel(server, "victim", "#room");
}

static void leave(struct asker *asker)
{
    if (!asker->peer)
        return;
    irc_send(asker->peer, "QUIT");
    PEER_DRAIN(asker->peer);
    peer_close(asker->peer);
    asker->peer = NULL;
}

/* Whether the victim is still served; an operator may have killed them. */
static bool is_served(const struct asker *asker)
{
    char *line;
    int rc;

    irc_send(victim, "PING alive");
    do
        rc = peer_next_line(victim, &line);
    while (rc == 0 && strcmp(line, ":test.example PONG test.example :alive") != 0);
    EXPECT(rc == 0 || asker->operator, "the victim is gone: %d", rc);
    return rc == 0;
}

/* An operator lifts what would keep everybody out. */
static void lift(const struct asker *asker)
{
    static const char *const lifts[] = {"DEFCON 5", "UNCBAN #room", "UNKLINE *", "UNDLINE *"};

    if (!asker->peer || !asker->operator)
        return;
    for (size_t i = 0; i < sizeof lifts / sizeof lifts[0]; i++)
        irc_send(asker->peer, "%s", lifts[i]);
}

/* The asker goes, and the room becomes a new one. */
static void start_afresh(struct asker *asker)
{
    bool served = is_served(asker);

    lift(asker);
    leave(asker);
    if (!served)
        peer_close(victim);
    if (!served)
        victim = irc_join(server, "victim", NULL);
    irc_send(victim, "JOIN 0");
    irc_send(victim, "JOIN #room");
    PEER_SKIP_TO(victim, ".* 366 .*");
}

static void finish(struct asker *asker)
{
    start_afresh(asker);
    peer_close(victim);
    DAEMON_STOP(server);
}

/* Some of the parameters name the server, which an operator would end. */
static bool ends_all(const char *command)
{
    return strcmp(command, "DIE") == 0 || strcmp(command, "RESTART") == 0;
}

static void ask_all(struct asker asker)
{
    char line[1500], rest[1200];

    begin();
    for (size_t i = 0; i < command_count; i++) {
        if (ends_all(commands[i]) && asker.operator)
            continue;
        for (size_t k = 0; k < PARAMETERS; k++) {
            expand(parameters[k], rest, sizeof rest);
            snprintf(line, sizeof line, "%.*s%s", NAME_ROOM, commands[i], rest);
            ask(&asker, line);
        }
        start_afresh(&asker);
    }
    finish(&asker);
}

static void before_the_registration(void)
{
    ask_all((struct asker){.registered = false});
}

static void before_the_registration_with_labels(void)
{
    ask_all((struct asker){.labels = true});
}

static void after_the_registration(void)
{
    ask_all((struct asker){.registered = true});
}

static void after_the_registration_with_labels(void)
{
    ask_all((struct asker){.registered = true, .labels = true});
}

static void as_operator(void)
{
    ask_all((struct asker){.registered = true, .operator= true, .labels = true});
}

static void lines_that_are_no_commands(void)
{
    struct asker asker = {.registered = true};

    begin();
    for (size_t i = 0; i < ODDITIES; i++)
        ask(&asker, oddities[i]);
    leave(&asker);
    asker.registered = false;
    for (size_t i = 0; i < ODDITIES; i++)
        ask(&asker, oddities[i]);
    finish(&asker);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"before the registration", before_the_registration},
        {"before the registration, with labels", before_the_registration_with_labels},
        {"after the registration", after_the_registration},
        {"after the registration, with labels", after_the_registration_with_labels},
        {"as operator of the server", as_operator},
        {"lines that are no commands", lines_that_are_no_commands},
        {NULL, NULL},
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return models_main(argc, argv, "bad parameters in IRC", tests);
}
