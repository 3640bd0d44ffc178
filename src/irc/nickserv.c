/* SPDX-License-Identifier: MIT */
/*
 * NickServ, to whom one speaks by PRIVMSG, SQUERY, NS or NICKSERV: what it does with a line is said in
 * account/nickserv.h.
 *
 * A line may have a password in it. Such a one is not echoed; the chat hands it on to nobody, and no
 * filter looks at it.
 */
#include "config.h"

#include "irc/account.h"

#include "account/nickserv.h"
#include "chat/chat.h"
#include "chat/notice.h"
#include "irc/command.h"
#include "irc/people.h"
#include "irc/service.h"
#include "irc/work.h"

#include <paceline/session.h>

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* What a line costs beside the command that it came with. */
#define COST_OF_LINE 4

struct request {
    struct irc_work work;
    struct accounts *accounts;
    struct irc_asker asker;
    struct nickserv_request request;
    struct nickserv_answer answer;
    int outcome; /* nickserv_run() */
    char account[ACCOUNT_NAME_MAX + 1];
    size_t length;
    char line[];
};

static struct request *request_of(struct irc_work *work)
{
    return (struct request *)(void *)work;
}

static void free_request(struct irc_work *work)
{
    struct request *request = request_of(work);

    nickserv_answer_deinit(&request->answer);
    OPENSSL_cleanse(request->line, request->length);
    free(request);
}

static void run_request(struct irc_work *work)
{
    struct request *request = request_of(work);

    request->outcome = nickserv_run(request->accounts, &request->request, &request->answer);
}

/* -- What comes of it ----------------------------------------------------------------------------- */

static void say(struct irc_client *client, struct chat_text text)
{
    irc_service_say(client, NICKSERV_NAME, text);
}

/* Lines in the making. */
struct notes {
    FILE *file;
    char *text;
    size_t size;
};

static void note(struct notes *notes, const char *text)
{
    fprintf(notes->file, "%s\n", text);
}

/* Why the nickname was not taken from who bears it; NULL: it was. */
static const char *claim(struct irc_client *client, const struct nickserv_answer *answer)
{
    int rc = chat_nick_claim(client->world, &client->chat, chat_text(answer->nick),
                             answer->action == NICKSERV_REGAIN);

    switch (rc) {
    case 0:
        irc_client_renew(client); /* it may be called something else now */
        return NULL;
    case CHAT_NICK_SAME:
        return "It is you who is called so.";
    case CHAT_NO_SUCH_NICK:
        return "Nobody is called so.";
    case CHAT_NICK_BAD:
    case CHAT_NICK_LONG:
        return "Nobody can be called so here.";
    case -ENOMEM:
        return "Out of memory.";
    default:
        return "That nickname is not yours.";
    }
}

static void say_client(const struct chat_session_view *view, void *argument)
{
    char text[100 + CHAT_HOST_MAX];

    snprintf(text, sizeof text, "%u: %s%s, from %.*s%s", view->number, view->face,
             view->secure ? " with TLS" : "", (int)view->address.length,
             view->address.length > 0 ? view->address.data : "", view->self ? ", this one" : "");
    note(argument, text);
}

/* They are told when the world is let go. */
static void say_clients(struct irc_client *client)
{
    struct notes notes = {.file = NULL};

    notes.file = open_memstream(&notes.text, &notes.size);
    if (notes.file)
        (void)chat_presence_sessions(client->world, &client->chat, say_client, &notes);
    if (!notes.file || fclose(notes.file) != 0)
        say(client, chat_text("Out of memory."));
    else
        irc_service_say_lines(client, NICKSERV_NAME, notes.text);
    free(notes.text);
}

static void end_client(struct irc_client *client, unsigned number)
{
    int rc = chat_presence_end_session(client->world, &client->chat, number);

    say(client, chat_text(rc == 0                 ? "That client is logged out."
                          : rc == CHAT_REGISTERED ? "That is this client; say QUIT."
                                                  : "You have no such client."));
}

static void apply(struct irc_client *client, const struct nickserv_answer *answer)
{
    const char *trouble = NULL;

    switch (answer->action) {
    case NICKSERV_NOTHING:
        if (*answer->account)
            chat_act(client->world, &client->chat, CHAT_NOTICE_OPER,
                     "has registered the account %s", answer->account);
        break;
    case NICKSERV_LOGIN:
        irc_account_login(client, answer->account);
        break;
    case NICKSERV_LOGOUT:
        if (!answer->dropped) /* else all have been logged out */
            irc_account_logout(client);
        break;
    case NICKSERV_GHOST:
    case NICKSERV_REGAIN:
        trouble = claim(client, answer);
        break;
    case NICKSERV_CLIENTS:
        say_clients(client);
        break;
    case NICKSERV_END_CLIENT:
        end_client(client, answer->number);
        break;
    }
    if (client->gone)
        return;
    if (trouble)
        say(client, chat_text(trouble));
    else if (answer->action == NICKSERV_GHOST || answer->action == NICKSERV_REGAIN)
        say(client, chat_text(answer->action == NICKSERV_GHOST ? "The nickname is free now."
                                                               : "The nickname is yours again."));
    else
        irc_service_say_lines(client, NICKSERV_NAME, answer->lines);
    if (*answer->account) /* which may be a new one */
        chat_nick_review(client->world, chat_text(answer->account));
}

/* Whether the line is one that tries to log in. */
static bool is_login(const char *line)
{
    static const char *const words[] = {"IDENTIFY", "ID", "LOGIN"};
    size_t length = strcspn(line, " ");

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i]) == length && strncasecmp(line, words[i], length) == 0)
            return true;
    return false;
}

static void answer_request(struct irc_client *client, struct irc_work *work)
{
    const struct request *request = request_of(work);

    if (request->outcome != 0) {
        say(client, chat_text("Out of memory."));
        return;
    }
    apply(client, &request->answer);
    if (request->answer.action == NICKSERV_NOTHING && is_login(request->line) && !client->gone)
        irc_client_charge(client, IRC_COST_OF_FAILURE);
}

/* -- What is said to it --------------------------------------------------------------------------- */

/* A line that is made of COUNT texts, at least one, with spaces between them. */
static void run(struct irc_client *client, const struct chat_text *words, size_t count)
{
    size_t length = irc_service_room(words, count);
    struct request *request = malloc(sizeof *request + length);
    int rc = -ENOMEM;

    if (request) {
        *request = (struct request){
            .work = {.run = run_request, .done = answer_request, .free = free_request},
            .accounts = client->irc->accounts,
            .length = length,
        };
        irc_asker_init(&request->asker, client);
        irc_account_of(client, request->account);
        irc_service_copy(request->line, words, count);
        request->request = (struct nickserv_request){
            .who = request->asker.who,
            .account = request->account,
            .may_force = irc_client_has_right(client, CHAT_RIGHT_ACCOUNTS),
            .line = request->line,
        };
        rc = irc_work_begin(client, &request->work);
    }
    if (rc == 0)
        return;
    if (request)
        free_request(&request->work);
    say(client, chat_text(rc == -EAGAIN ? "Too busy, try again later." : "Out of memory."));
}

void irc_nickserv_hear(struct irc_client *client, const struct irc_message *message)
{
    struct chat_text text = message->params[1];

    irc_client_charge(client, COST_OF_LINE);
    pl_session_wipe_line(client->session);
    if (!nickserv_is_secret(text.data, text.length))
        irc_service_echo(client, message, text);
    run(client, &text, 1);
}

/* NICKSERV command {argument} */
void irc_do_nickserv(struct irc_client *client, const struct irc_message *message)
{
    static const struct chat_text help = {"HELP", 4};

    if (!chat_is_service(client->world, chat_text(NICKSERV_NAME)))
        irc_reply(client, IRC_ERR_NOSUCHNICK, chat_text(NICKSERV_NAME));
    else if (message->count == 0)
        run(client, &help, 1);
    else
        run(client, message->params, message->count);
}
