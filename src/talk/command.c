/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "talk/command.h"

#include "base/text.h"
#include "base/utf8.h"

const struct talk_command talk_commands[] = {
    {"/join", "#room [key]", 1, "enter a room (with its key, if any), or go back to one",
     talk_do_join},
    {"/leave", "[#room]", 0, "leave the room, or another one", talk_do_leave},
    {"/rooms", "", 0, "list the rooms; * is the one you talk in, + another one of yours",
     talk_do_rooms},
    {"/who", "[#room]", 0, "list the people in the room, or in another one", talk_do_who},
    {"/topic", "[text | -]", 0, "show the topic of the room, set it, or clear it", talk_do_topic},
    {"/history", "[lines]", 0, "show what was said last in the room", talk_do_history},
    {"/search", "words", 1, "show what was said in the room with all these words", talk_do_search},
    {"/msg", "nick text", 2, "tell somebody something, or say it in another room", talk_do_msg},
    {"/me", "text", 1, "do something: /me waves", talk_do_me},
    {"/nick", "name", 1, "change your nickname", talk_do_nick},
    {"/login", "account", 1, "log in; the password is asked for, and not shown", talk_do_login},
    {"/logout", "", 0, "be logged in no more", talk_do_logout},
    {"/register", "[e-mail]", 0, "make the account of your nickname", talk_do_register},
    {"/verify", "code", 1, "say the code that came by e-mail", talk_do_verify},
    {"/password", "", 0, "change the password of your account", talk_do_password},
    {"/cs", "[command]", 0, "have ChanServ do something for a room that stays: /cs help",
     talk_do_cs},
    {"/help", "", 0, "show this", talk_do_help},
    {"/quit", "[reason]", 0, "leave all rooms and hang up", talk_do_quit},
    {NULL, NULL, 0, NULL, NULL},
};

void talk_do_help(struct talk_person *person, struct chat_text arguments)
{
    (void)arguments;
    talk_reply(person, "What you type is said in the room you talk in. Commands:");
    for (const struct talk_command *command = talk_commands; command->name; command++)
        talk_reply(person, "  %-9s %-11s  %s", command->name, command->arguments, command->help);
    talk_reply(person, "  //text                 say /text");
}

static struct chat_text skip_spaces(struct chat_text text)
{
    while (text.length > 0 && text.data[0] == ' ') {
        text.data++;
        text.length--;
    }
    return text;
}

struct chat_text talk_word(struct chat_text *text)
{
    const char *space = text->length > 0 ? memchr(text->data, ' ', text->length) : NULL;
    struct chat_text word = *text;

    if (!space) {
        text->data += text->length;
        text->length = 0;
        return word;
    }
    word.length = (size_t)(space - text->data);
    text->data += word.length;
    text->length -= word.length;
    *text = skip_spaces(*text);
    return word;
}

static bool is_named(const struct talk_command *command, struct chat_text name)
{
    size_t length = strlen(command->name);

    if (length != name.length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (command->name[i] != pli_ascii_lower(name.data[i]))
            return false;
    return true;
}

/* More than that is no misspelt command, and is not compared. */
#define LONGEST 16

static unsigned least_of(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * How many letters must be added, taken away, changed, or swapped with the next one, to make KNOWN
 * out of NAME: the optimal string alignment distance, row by row.
 */
static unsigned distance(const char *known, struct chat_text name)
{
    unsigned rows[3][LONGEST + 1];
    unsigned *older = rows[0], *old = rows[1], *row = rows[2];
    size_t length = strlen(known);

    for (size_t k = 0; k <= name.length; k++)
        old[k] = (unsigned)k;
    for (size_t i = 1; i <= length; i++) {
        unsigned *next = older;

        row[0] = (unsigned)i;
        for (size_t k = 1; k <= name.length; k++) {
            unsigned same = known[i - 1] == pli_ascii_lower(name.data[k - 1]) ? 0 : 1;

            row[k] = least_of(least_of(old[k] + 1, row[k - 1] + 1), old[k - 1] + same);
            if (i > 1 && k > 1 && known[i - 1] == pli_ascii_lower(name.data[k - 2]) &&
                known[i - 2] == pli_ascii_lower(name.data[k - 1]))
                row[k] = least_of(row[k], older[k - 2] + 1);
        }
        older = old;
        old = row;
        row = next;
    }
    return old[name.length];
}

/* The command that was probably meant, or NULL: at most two slips, and less than all letters. */
static const struct talk_command *nearest(struct chat_text name)
{
    const struct talk_command *best = NULL;
    unsigned least = 3;

    if (name.length > LONGEST)
        return NULL;
    for (const struct talk_command *command = talk_commands; command->name; command++) {
        unsigned slips = distance(command->name, name);

        if (slips < least && slips + 2 < strlen(command->name)) {
            least = slips;
            best = command;
        }
    }
    return best;
}

static void unknown(struct talk_person *person, struct chat_text name)
{
    const struct talk_command *meant = nearest(name);

    name.length = pli_utf8_cut(name.data, name.length, 2 * LONGEST);
    if (meant)
        talk_reply(person, "There is no command %.*s. Did you mean %s? /help lists all.",
                   TALK_TEXT(name), meant->name);
    else
        talk_reply(person, "There is no command %.*s. /help lists all, // says a slash.",
                   TALK_TEXT(name));
}

static unsigned count_words(struct chat_text text)
{
    unsigned count = 0;

    while (text.length > 0) {
        talk_word(&text);
        count++;
    }
    return count;
}

void talk_command(struct talk_person *person, struct chat_text line)
{
    struct chat_text name = talk_word(&line);
    const struct talk_command *command = talk_commands;

    while (command->name && !is_named(command, name))
        command++;
    if (!command->name)
        unknown(person, name);
    else if (count_words(line) < command->least)
        talk_reply(person, "Usage: %s %s", command->name, command->arguments);
    else
        command->run(person, line);
}
