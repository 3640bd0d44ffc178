/* SPDX-License-Identifier: MIT */
/*
 * What IRC clients are shown that nothing causes yet (accounts, hosts that change, so many
 * capabilities that they need several lines), and which tags of theirs others get. Sessions are
 * fake ones, all else is real.
 */
#include "config.h"

#include "irc/irc.h"
#include "irc/reply.h"
#include "irc/tags.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdio.h>

static const struct chat_settings limits = {
    .nick_length = 32, .channel_length = 64, .topic_length = 300};
static struct irc_settings settings = {.server = "test.example",
                                       .network = "Test",
                                       .description = "",
                                       .contact = "",
                                       .icon = "",
                                       .password = "",
                                       .motd = "",
                                       .line = 512};

static struct chat_world *world;
static struct irc *irc;
static struct pl_session *alice, *bob, *carol;

static void types(struct pl_session *session, const char *text)
{
    struct pl_line line = {.text = text, .length = strlen(text), .size = strlen(text) + 2};

    irc_service.line(session, &line);
}

static struct pl_session *comes(const char *nick, const char *caps)
{
    struct pl_session *session = fake_new(irc);
    char line[300];

    CU_ASSERT_EQUAL_FATAL(irc_service.open(session, irc), 0);
    snprintf(line, sizeof line, "CAP REQ :%s", caps);
    types(session, line);
    types(session, "CAP END");
    snprintf(line, sizeof line, "NICK %s", nick);
    types(session, line);
    types(session, "USER u 0 * :Real");
    CU_ASSERT_PTR_NOT_NULL(strstr(fake_take(session, NULL), " 422 "));
    return session;
}

static void goes(struct pl_session *session)
{
    irc_service.close(session, PL_REASON_EOF);
    fake_free(session);
}

static void begin(const char *caps)
{
    struct chat_cloak_key key = {"key"};

    CU_ASSERT_EQUAL_FATAL(chat_world_new(&limits, 1, &world), 0);
    CU_ASSERT_EQUAL_FATAL(irc_new(world, &settings, &key, &irc), 0);
    alice = comes("alice", caps);
    bob = comes("bob", caps);
    carol = comes("carol", "multi-prefix");
    types(alice, "JOIN #a");
    types(bob, "JOIN #a");
    types(carol, "JOIN #a");
    fake_take(alice, NULL);
    fake_take(bob, NULL);
    fake_take(carol, NULL);
}

static void end(void)
{
    goes(alice);
    goes(bob);
    goes(carol);
    irc_free(irc);
    chat_world_free(world);
}

/* irc_service keeps the chat's session first in its own data. */
static struct chat_session *chat_of(struct pl_session *session)
{
    return pl_session_data(session);
}

/* What the session was sent, its host's name replaced by HOST. */
static void sees(unsigned line, struct pl_session *session, const char *expected)
{
    static const char cloak[] = ".ip";
    char text[2000];
    size_t used = 0;

    for (const char *at = fake_take(session, NULL); *at && used + 1 < sizeof text; at++) {
        const char *dot = at[0] == '@' ? strstr(at, cloak) : NULL;

        text[used++] = *at;
        if (dot && dot - at == 27) {
            memcpy(text + used, "HOST", 4);
            used += 4;
            at = dot + strlen(cloak) - 1;
        }
    }
    text[used] = '\0';
    if (strcmp(text, expected) == 0)
        return;
    printf("\nline %u: expected:\n%s    seen:\n%s", line, expected, text);
    CU_FAIL("a client was not shown what was expected");
}

#define SEES(session, text) sees(__LINE__, session, text)

static void a_host_that_changes_is_shown_to_those_who_know_of_it(void)
{
    begin("chghost");
    CU_ASSERT_EQUAL(
        chat_user_host(world, chat_of(alice), chat_text("~al"), chat_text("cloak.example")), 0);
    SEES(alice, ":alice!~u@HOST CHGHOST ~al cloak.example\r\n");
    SEES(bob, ":alice!~u@HOST CHGHOST ~al cloak.example\r\n");
    SEES(carol, "");
    types(alice, "PRIVMSG #a :x");
    SEES(bob, ":alice!~al@cloak.example PRIVMSG #a :x\r\n");
    types(alice, "QUIT");
    SEES(alice, "ERROR :Closing link: cloak.example (Quit)\r\n");
    CU_ASSERT_EQUAL(chat_user_host(world, chat_of(carol), chat_text("~c"), chat_text("c.example")),
                    0);
    types(carol, "QUIT");
    SEES(carol, ":alice!~al@cloak.example PRIVMSG #a :x\r\n"
                ":alice!~al@cloak.example QUIT :Quit\r\n"
                "ERROR :Closing link: c.example (Quit)\r\n");
    end();
}

static void an_account_is_shown_to_those_who_know_of_it(void)
{
    begin("account-notify account-tag extended-join");
    CU_ASSERT_EQUAL(chat_user_account(world, chat_of(alice), chat_text("Al")), 0);
    SEES(alice, ":alice!~u@HOST ACCOUNT Al\r\n");
    SEES(bob, ":alice!~u@HOST ACCOUNT Al\r\n");
    SEES(carol, "");
    types(alice, "PRIVMSG #a :x");
    SEES(bob, "@account=Al :alice!~u@HOST PRIVMSG #a :x\r\n");
    SEES(carol, ":alice!~u@HOST PRIVMSG #a :x\r\n");
    types(alice, "PART #a");
    types(alice, "JOIN #a");
    SEES(bob, "@account=Al :alice!~u@HOST PART #a\r\n"
              "@account=Al :alice!~u@HOST JOIN #a Al :Real\r\n");
    SEES(carol, ":alice!~u@HOST PART #a\r\n:alice!~u@HOST JOIN #a\r\n");
    CU_ASSERT_EQUAL(chat_user_account(world, chat_of(alice), CHAT_NO_TEXT), 0);
    SEES(bob, "@account=Al :alice!~u@HOST ACCOUNT *\r\n");
    types(alice, "PRIVMSG #a :y");
    SEES(bob, ":alice!~u@HOST PRIVMSG #a :y\r\n");
    end();
}

/* What is listed, by lines that the caller has been sent, each with what must come before it. */
static void collect(const char *lines, const char *more, const char *last, char *names)
{
    names[0] = '\0';
    for (const char *at = lines; *at; at = strstr(at, "\r\n") + 2) {
        size_t length = (size_t)(strstr(at, "\r\n") - at);
        bool is_last = at[length + 2] == '\0';
        const char *head = is_last ? last : more;

        CU_ASSERT(length <= 510);
        CU_ASSERT_FATAL(strncmp(at, head, strlen(head)) == 0);
        strcat(names, *names ? " " : "");
        strncat(names, at + strlen(head), length - strlen(head));
    }
}

/* Takes the values off names of capabilities. */
static void take_values_off(char *names)
{
    char *out = names;
    bool in_value = false;

    for (const char *at = names; *at; at++) {
        in_value = *at != ' ' && (in_value || *at == '=');
        if (!in_value)
            *out++ = *at;
    }
    *out = '\0';
}

/* With so long a name of the server there is room for a few capabilities on a line only. */
static void what_needs_several_lines_is_marked_as_version_302_has_it(void)
{
    char server[251];
    char modern[400], old[400], request[1100], names[1000], again[1000];

    memset(server, 's', 250);
    server[250] = '\0';
    settings.server = server;
    begin("setname");
    settings.server = "test.example";
    snprintf(modern, sizeof modern, ":%s CAP alice LS * :", server);
    snprintf(old, sizeof old, ":%s CAP alice LS :", server);
    types(alice, "CAP LS 302");
    collect(fake_take(alice, NULL), modern, old, names);
    take_values_off(names);
    CU_ASSERT(strncmp(names, "account-notify account-tag ", 27) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(names, " server-time setname standard-replies "));
    types(alice, "CAP LS");
    collect(fake_take(alice, NULL), old, old, again);
    CU_ASSERT_STRING_EQUAL(names, again);
    snprintf(old, sizeof old, ":%s CAP alice ACK :", server);
    snprintf(request, sizeof request, "CAP REQ :%s", names);
    types(alice, request);
    collect(fake_take(alice, NULL), old, old, again);
    CU_ASSERT_STRING_EQUAL(names, again);
    fake_take(bob, NULL);
    fake_take(carol, NULL);
    end();
}

static const char *for_clients(const char *tags)
{
    static char out[IRC_OWN_TAGS_MAX + 1];

    out[irc_tags_for_clients(chat_text(tags), out).length] = '\0';
    return out;
}

static void only_tags_with_a_plus_are_for_clients(void)
{
    CU_ASSERT_STRING_EQUAL(for_clients(""), "");
    CU_ASSERT_STRING_EQUAL(for_clients("a;b=c;label=x"), "");
    CU_ASSERT_STRING_EQUAL(for_clients("+a;b;+c=d"), "+a;+c=d");
    CU_ASSERT_STRING_EQUAL(for_clients("+example.com/A-1=x;+draft/reply=y"),
                           "+example.com/A-1=x;+draft/reply=y");
    CU_ASSERT_STRING_EQUAL(for_clients("+;+=1;+a_b;+/c;+d/;+e/f/g;++h;+i.j;+k l"), "");
    CU_ASSERT_STRING_EQUAL(for_clients("+a=1;+b=2;+a=3;+b"), "+a=3;+b");
    CU_ASSERT_STRING_EQUAL(for_clients("+a=x=y\\:\\s;;+b="), "+a=x=y\\:\\s;+b");
}

static void as_many_tags_as_there_can_be_are_kept(void)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    char tags[IRC_OWN_TAGS_MAX] = "";
    size_t length = 0;

    for (size_t i = 0; length + 4 < IRC_OWN_TAGS_MAX - 1; i++)
        length += (size_t)snprintf(tags + length, sizeof tags - length, "%s+%c%c", i > 0 ? ";" : "",
                                   letters[i / 62 % 62], letters[i % 62]);
    CU_ASSERT_STRING_EQUAL(for_clients(tags), tags);
    length = 0;
    while (length + 3 < IRC_OWN_TAGS_MAX - 1)
        length +=
            (size_t)snprintf(tags + length, sizeof tags - length, "%s+a", length > 0 ? ";" : "");
    CU_ASSERT_STRING_EQUAL(for_clients(tags), "+a");
}

static int tell_nobody(const struct chat_session *to, const struct chat_event *event)
{
    (void)to;
    (void)event;
    return CHAT_UNTOLD;
}

static void keep_id(const struct chat_user_view *view, void *argument)
{
    *(struct chat_id *)argument = view->id;
}

static void who_is_renamed_by_another_session_is_called_so(void)
{
    static const struct chat_face mute = {"mute", tell_nobody, NULL};
    struct pl_session *session = fake_new(NULL);
    struct chat_session other;
    struct chat_id id;

    begin("batch");
    chat_session_init(&other, session, &mute);
    CU_ASSERT_EQUAL(chat_user_look(world, chat_of(alice), keep_id, &id), 0);
    CU_ASSERT_EQUAL_FATAL(chat_user_attach(world, &other, id), 0);
    CU_ASSERT_EQUAL(chat_user_rename(world, &other, chat_text("Alicia")), 0);
    SEES(alice, ":alice!~u@HOST NICK :Alicia\r\n");
    types(alice, "FOO");
    SEES(alice, ":test.example 421 Alicia FOO :Unknown command\r\n");
    types(alice, "NICK alice");
    SEES(alice, ":Alicia!~u@HOST NICK :alice\r\n");
    types(alice, "FOO");
    SEES(alice, ":test.example 421 alice FOO :Unknown command\r\n");
    CU_ASSERT_EQUAL(chat_quit(world, &other, CHAT_NO_TEXT), 0);
    fake_free(session);
    end();
}

static void troubles_of_the_server_are_named(void)
{
    begin("batch");
    irc_explain(pl_session_data(alice), -ENOMEM, "OPER", CHAT_NO_TEXT);
    irc_explain(pl_session_data(alice), -EAGAIN, "OPER", CHAT_NO_TEXT);
    irc_explain(pl_session_data(alice), -EIO, "OPER", CHAT_NO_TEXT);
    SEES(alice, ":test.example 400 alice OPER :Out of memory\r\n"
                ":test.example 400 alice OPER :Too busy, try again later\r\n"
                ":test.example 400 alice OPER :That did not work\r\n");
    end();
}

static int tell_nothing(const struct chat_session *session, const struct chat_event *event)
{
    (void)session;
    (void)event;
    return CHAT_UNTOLD;
}

/* Whether the answers to LINE, which are all that bob has to read, have TEXT. */
static bool answers(const char *line, const char *text)
{
    types(bob, line);
    return strstr(fake_take(bob, NULL), text) != NULL;
}

static void accounts_and_secure_connections_are_told_of(void)
{
    static const struct chat_face deaf = {.name = "deaf", .variant = tell_nothing};
    struct chat_identity identity = {.nick = chat_text("dave"), .modes = CHAT_USER_SECURE};
    struct pl_session *session = fake_new(NULL);
    struct chat_session dave;

    begin("chghost");
    chat_session_init(&dave, session, &deaf);
    CU_ASSERT_EQUAL(chat_user_enter(world, &dave, &identity), 0);
    CU_ASSERT_EQUAL(chat_user_account(world, chat_of(alice), chat_text("Al")), 0);
    CU_ASSERT(answers("WHOIS dave", " 671 bob dave :is using a secure connection\r\n"));
    CU_ASSERT(!answers("WHOIS dave", " 330 "));
    CU_ASSERT(answers("WHOIS alice", " 330 bob alice Al :is logged in as\r\n"));
    CU_ASSERT(!answers("WHOIS alice", " 671 "));
    types(bob, "WHO alice %na");
    SEES(bob, ":test.example 354 bob alice Al\r\n"
              ":test.example 315 bob alice :End of /WHO list\r\n");
    CU_ASSERT_EQUAL(chat_quit(world, &dave, CHAT_NO_TEXT), 0);
    fake_free(session);
    end();
}

static void without_an_account_one_is_refused_where_it_takes_one(void)
{
    struct chat_settings changed;

    begin("chghost");
    chat_world_settings(world, &changed);
    changed.accounts = true;
    CU_ASSERT_EQUAL(chat_world_set_settings(world, &changed), 0);
    types(alice, "JOIN #m");
    types(alice, "MODE #m +M");
    types(bob, "JOIN #m");
    CU_ASSERT(answers("PRIVMSG #m :x", ":test.example 404 bob #m :Cannot send to channel\r\n"));
    types(bob, "PART #m");
    types(alice, "MODE #m +R");
    CU_ASSERT(answers("JOIN #m", ":test.example 477 bob #m :That takes an account\r\n"));
    types(alice, "MODE alice +R");
    CU_ASSERT(
        answers("PRIVMSG alice :x", ":test.example 477 bob alice :That takes an account\r\n"));
    end();
}

/* Also if it comes too early, or without enough behind it. */
static void a_line_that_may_have_a_secret_is_wiped(void)
{
    static const char *const secret[] = {"PASS x",
                                         "OPER a b",
                                         "oper b",
                                         "AUTHENTICATE PLAIN",
                                         "REGISTER * * x",
                                         "VERIFY a x",
                                         "NS IDENTIFY x",
                                         "NICKSERV",
                                         "SQUERY NickServ :IDENTIFY x",
                                         "WEBIRC x a b c",
                                         "@label=1 PASS x"};
    static const char *const plain[] = {"PING x", "PRIVMSG bob :hi", "NOPE x", "MODE #a"};
    struct pl_session *dave;

    begin("chghost");
    dave = fake_new(irc);
    CU_ASSERT_EQUAL_FATAL(irc_service.open(dave, irc), 0);
    for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++) {
        types(alice, secret[i]);
        CU_ASSERT(fake_wiped(alice));
    }
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        types(alice, plain[i]);
        CU_ASSERT(!fake_wiped(alice));
    }
    types(dave, "OPER a b");
    CU_ASSERT(fake_wiped(dave));
    goes(dave);
    end();
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(a_host_that_changes_is_shown_to_those_who_know_of_it),
        TEST(an_account_is_shown_to_those_who_know_of_it),
        TEST(what_needs_several_lines_is_marked_as_version_302_has_it),
        TEST(only_tags_with_a_plus_are_for_clients),
        TEST(as_many_tags_as_there_can_be_are_kept),
        TEST(troubles_of_the_server_are_named),
        TEST(who_is_renamed_by_another_session_is_called_so),
        TEST(accounts_and_secure_connections_are_told_of),
        TEST(without_an_account_one_is_refused_where_it_takes_one),
        TEST(a_line_that_may_have_a_secret_is_wiped),
        {NULL, NULL},
    };

    return unit_main(argc, argv, "irc_face", tests);
}
