/* SPDX-License-Identifier: MIT */
/* Commands about people: talking to them, being called something, going. */
#include "config.h"

#include "talk/command.h"

#include "base/utf8.h"
#include "chat/name.h"

#include <paceline/session.h>

#include <errno.h>

void talk_say(struct talk_person *person, enum chat_kind kind, struct chat_text target,
              struct chat_text text)
{
    unsigned wait = 0;
    struct chat_words words = {.kind = kind, .target = target, .text = text, .wait = &wait};
    int rc = chat_speak(person->world, &person->chat, &words);

    if (rc != 0)
        talk_explain(person, rc, target);
    if (wait > 0 && rc != CHAT_TAKEN_OUT)
        talk_reply(person, "Wait %u second%s.", wait, wait == 1 ? "" : "s");
}

void talk_do_msg(struct talk_person *person, struct chat_text arguments)
{
    struct chat_text target = talk_word(&arguments);

    if (talk_is_nickserv(person, target))
        talk_tell_nickserv(person, arguments);
    else if (talk_is_chanserv(person, target))
        talk_do_cs(person, arguments);
    else
        talk_say(person, CHAT_MESSAGE, target, arguments);
}

void talk_do_me(struct talk_person *person, struct chat_text arguments)
{
    talk_say(person, CHAT_ACTION, CHAT_NO_TEXT, arguments);
}

void talk_do_nick(struct talk_person *person, struct chat_text arguments)
{
    int rc = chat_user_rename(person->world, &person->chat, arguments);

    if (rc != 0)
        talk_explain(person, rc, arguments);
}

/* Nothing is left to be done at the session's close then. */
void talk_do_quit(struct talk_person *person, struct chat_text arguments)
{
    if (chat_judge(person->world, &person->chat, CHAT_FILTER_QUIT, arguments, CHAT_NO_TEXT) != 0)
        arguments.length = 0;
    (void)chat_quit(person->world, &person->chat, arguments);
    talk_reply(person, "Goodbye.");
    pl_session_close(person->session);
}

static void too_long(struct talk_person *person, int outcome)
{
    struct chat_settings settings;

    chat_world_settings(person->world, &settings);
    if (outcome == CHAT_NICK_LONG)
        talk_reply(person, "That nickname is too long: at most %zu characters.",
                   settings.nick_length);
    else
        talk_reply(person, "That name is too long for a room: at most %zu bytes.",
                   settings.channel_length);
}

/* Where no name is named. */
static const char *plain_words(int outcome)
{
    switch (outcome) {
    case CHAT_NO_ACCESS:
        return "That takes access to the room, which its founder gives.";
    case CHAT_TOO_MANY_NICKS:
        return "Too many have changed their names in a room of yours; try again later.";
    case CHAT_NEED_ACCOUNT:
        return "That takes an account.";
    case CHAT_NEED_TLS:
        return "That takes a connection with TLS.";
    default:
        return "That did not work.";
    }
}

void talk_explain(struct talk_person *person, int outcome, struct chat_text name)
{
    name.length = pli_utf8_cut(name.data, name.length, CHAT_NAME_MAX);
    chat_limit_hit_for(person->world, outcome);
    switch (outcome) {
    case CHAT_NICK_BAD:
        talk_reply(person, "That is no nickname: letters, digits and -_[]\\`^{}| make one, but "
                           "neither a digit nor - comes first.");
        break;
    case CHAT_NICK_TAKEN:
        talk_reply(person, "The nickname %.*s is taken.", TALK_TEXT(name));
        break;
    case CHAT_NICK_SAME:
        talk_reply(person, "You are called %.*s already.", TALK_TEXT(name));
        break;
    case CHAT_CHANNEL_BAD:
        talk_reply(person, "That is no room: its name begins with # and goes on without spaces "
                           "and commas.");
        break;
    case CHAT_NICK_LONG:
    case CHAT_CHANNEL_LONG:
        too_long(person, outcome);
        break;
    case CHAT_NO_SUCH_NICK:
        talk_reply(person, "Nobody here is called %.*s.", TALK_TEXT(name));
        break;
    case CHAT_SERVICE:
        talk_reply(person, "%.*s is part of the server.", TALK_TEXT(name));
        break;
    case CHAT_NO_SUCH_CHANNEL:
        talk_reply(person, "There is no room %.*s.", TALK_TEXT(name));
        break;
    case CHAT_NOT_ON_CHANNEL:
        talk_reply(person, "You are not in %.*s.", TALK_TEXT(name));
        break;
    case CHAT_TOO_MANY_CHANNELS:
        talk_reply(person, "You are in too many rooms; leave one first.");
        break;
    case CHAT_NO_FOCUS:
        talk_reply(person, "You talk in no room; /join #room takes you to one.");
        break;
    case CHAT_NOT_OPERATOR:
        talk_reply(person, "Only operators of the room may do that.");
        break;
    case CHAT_BANNED:
        talk_reply(person, "You are banned from %.*s.", TALK_TEXT(name));
        break;
    case CHAT_CLOSED:
        talk_reply(person, "%.*s is closed.", TALK_TEXT(name));
        break;
    case CHAT_INVITE_ONLY:
        talk_reply(person, "Only who is invited enters %.*s.", TALK_TEXT(name));
        break;
    case CHAT_BAD_KEY:
        talk_reply(person, "%.*s has a key: /join #room key", TALK_TEXT(name));
        break;
    case CHAT_FULL:
        talk_reply(person, "%.*s is full.", TALK_TEXT(name));
        break;
    case CHAT_THROTTLED:
        talk_reply(person, "Too many enter %.*s just now; try again later.", TALK_TEXT(name));
        break;
    case CHAT_MODERATED:
    case CHAT_MUTED:
        talk_reply(person, "You may not speak there.");
        break;
    case CHAT_TOO_SOON:
    case CHAT_TOO_MANY_LINES:
        talk_reply(person, "That was too fast for the room, and was not said.");
        break;
    case CHAT_REPEATED:
        talk_reply(person, "You have said that often enough, and it was not said again.");
        break;
    case CHAT_LOCKED_DOWN:
        talk_reply(person, "That is not possible while the server is locked down.");
        break;
    case CHAT_FILTERED:
        talk_reply(person, "That does not pass here: %s.", chat_judged_reason(person->world));
        break;
    case CHAT_TAKEN_OUT: /* which has been told */
        break;
    case -ENOMEM:
        talk_reply(person, "That did not work: out of memory.");
        break;
    default:
        talk_reply(person, "%s", plain_words(outcome));
        break;
    }
}
