/* SPDX-License-Identifier: MIT */
/* Commands about people: talking to them, being called something, going. */
#include "config.h"

#include "talk/command.h"

#include "base/utf8.h"
#include "chat/name.h"

#include <paceline/session.h>

#include <errno.h>

static void say(struct talk_person *person, enum chat_kind kind, struct chat_text target,
                struct chat_text text)
{
    int rc = chat_say(person->world, &person->chat, kind, target, text);

    if (rc != 0)
        talk_explain(person, rc, target);
}

void talk_do_msg(struct talk_person *person, struct chat_text arguments)
{
    struct chat_text target = talk_word(&arguments);

    say(person, CHAT_MESSAGE, target, arguments);
}

void talk_do_me(struct talk_person *person, struct chat_text arguments)
{
    say(person, CHAT_ACTION, CHAT_NO_TEXT, arguments);
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

void talk_explain(struct talk_person *person, int outcome, struct chat_text name)
{
    name.length = pli_utf8_cut(name.data, name.length, CHAT_NAME_MAX);
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
    case CHAT_NEED_ACCOUNT:
        talk_reply(person, "That takes an account.");
        break;
    case -ENOMEM:
        talk_reply(person, "That did not work: out of memory.");
        break;
    default:
        talk_reply(person, "That did not work.");
        break;
    }
}
