/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "account/chanserv_inside.h"

#include <errno.h>
#include <stdlib.h>

#define ASKS(serv) (serv)->request->world, (serv)->request->session, (serv)->words[0]

/* Something that is to be kept has changed, if RC is 0. */
static int changed(struct chanserv *serv, int rc)
{
    serv->answer->changed = serv->answer->changed || rc == 0;
    return rc;
}

/* -- Whose it is -------------------------------------------------------------------------------- */

int chanserv_register(struct chanserv *serv)
{
    int rc = changed(serv, chat_channel_register(ASKS(serv)));

    if (rc == 0)
        chanserv_say(serv, "%.*s is your channel now.", CHANSERV_TEXT(serv->words[0]));
    return rc;
}

/* It is not even said that one may not before the name has been said twice. */
int chanserv_drop(struct chanserv *serv)
{
    struct chat_text name = serv->words[0];
    int rc;

    if (serv->count < 2 || !chat_text_same(name, serv->words[1])) {
        chanserv_say(serv, "To give the channel up for good, say: DROP %.*s %.*s",
                     CHANSERV_TEXT(name), CHANSERV_TEXT(name));
        return 0;
    }
    rc = changed(serv, chat_channel_unregister(ASKS(serv)));
    if (rc == 0)
        chanserv_say(serv, "%.*s is nobody's channel any more.", CHANSERV_TEXT(name));
    return rc;
}

int chanserv_transfer(struct chanserv *serv)
{
    int rc = changed(serv, chat_channel_transfer(ASKS(serv), serv->words[1]));

    if (rc == 0)
        chanserv_say(serv, "%.*s is the channel of %.*s now.", CHANSERV_TEXT(serv->words[0]),
                     CHANSERV_TEXT(serv->words[1]));
    return rc;
}

/* -- INFO --------------------------------------------------------------------------------------- */

static void show_settings(struct chanserv *serv, const struct chat_registration_view *view)
{
    chanserv_say(serv, "Settings: %s%s%s%s", view->flags & CHAT_KEEP_TOPIC ? "KEEPTOPIC " : "",
                 view->flags & CHAT_TOPIC_LOCK ? "TOPICLOCK " : "",
                 view->flags & CHAT_UNTOLD_OF ? "PRIVATE " : "", view->flags == 0 ? "none" : "");
}

static void show(const struct chat_registration_view *view, void *argument)
{
    struct chanserv *serv = argument;
    char day[24];

    if (view->flags & CHAT_UNTOLD_OF && view->own == 0) {
        chanserv_say(serv, "%.*s is registered, and private.", CHANSERV_TEXT(view->name));
        return;
    }
    chanserv_day(view->registered, day);
    chanserv_say(serv, "%.*s is the channel of %.*s, registered on %s.", CHANSERV_TEXT(view->name),
                 CHANSERV_TEXT(view->founder), day);
    chanserv_day(view->created, day);
    chanserv_say(serv, "It was made on %s.", day);
    if (view->about.length > 0)
        chanserv_say(serv, "Description: %.*s", CHANSERV_TEXT(view->about));
    if (view->url.length > 0)
        chanserv_say(serv, "URL: %.*s", CHANSERV_TEXT(view->url));
    if (view->lock.length > 0)
        chanserv_say(serv, "Modes that stay: %.*s", CHANSERV_TEXT(view->lock));
    show_settings(serv, view);
    if (view->own == 0)
        return;
    if (view->successor.length > 0)
        chanserv_say(serv, "Successor: %.*s", CHANSERV_TEXT(view->successor));
    chanserv_say(serv, "Accounts with access beside the founder's: %zu", view->access_count);
}

int chanserv_info(struct chanserv *serv)
{
    return chat_registration_look(ASKS(serv), show, serv);
}

static void show_key(const struct chat_registration_view *view, void *argument)
{
    struct chanserv *serv = argument;

    if (view->own == 0)
        chanserv_say(serv, "You have not the access that it takes.");
    else if (view->key.length == 0)
        chanserv_say(serv, "%.*s has no key.", CHANSERV_TEXT(view->name));
    else
        chanserv_say(serv, "The key of %.*s is %.*s", CHANSERV_TEXT(view->name),
                     CHANSERV_TEXT(view->key));
}

int chanserv_getkey(struct chanserv *serv)
{
    return chat_registration_look(ASKS(serv), show_key, serv);
}

/* -- Access ------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    unsigned level;
} levels[] = {
    {"voice", CHAT_VOICE}, {"halfop", CHAT_HALFOP}, {"op", CHAT_OP}, {"admin", CHAT_ADMIN}};

#define LEVELS (sizeof levels / sizeof levels[0])

/* 0: there is no such level. */
static unsigned find_level(struct chat_text word)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (chanserv_is(word, levels[i].name))
            return levels[i].level;
    return 0;
}

static const char *level_name(unsigned level)
{
    for (size_t i = 0; i < LEVELS; i++)
        if (levels[i].level == level)
            return levels[i].name;
    return "unknown";
}

static int add_access(struct chanserv *serv)
{
    unsigned level = find_level(serv->words[3]);
    int rc;

    if (level == 0)
        return chanserv_usage(serv);
    rc = changed(serv, chat_channel_access(ASKS(serv), serv->words[2], level));
    if (rc == 0)
        chanserv_say(serv, "%.*s has access to %.*s as %s now.", CHANSERV_TEXT(serv->words[2]),
                     CHANSERV_TEXT(serv->words[0]), level_name(level));
    return rc;
}

static int drop_access(struct chanserv *serv)
{
    int rc = changed(serv, chat_channel_access(ASKS(serv), serv->words[2], 0));

    if (rc == 0)
        chanserv_say(serv, "%.*s has no access to %.*s any more.", CHANSERV_TEXT(serv->words[2]),
                     CHANSERV_TEXT(serv->words[0]));
    return rc;
}

struct listing {
    struct chanserv *serv;
    size_t count;
};

static void list_one(const struct chat_access_view *view, void *argument)
{
    struct listing *listing = argument;
    char day[24];

    chanserv_day(view->added, day);
    chanserv_say(listing->serv, "%.*s: %s, by %.*s on %s", CHANSERV_TEXT(view->account),
                 level_name(view->level), CHANSERV_TEXT(view->by), day);
    listing->count++;
}

static int list_access(struct chanserv *serv)
{
    struct listing listing = {.serv = serv};
    int rc = chat_channel_access_each(ASKS(serv), list_one, &listing);

    if (rc == 0)
        chanserv_say(serv, "Accounts with access beside the founder's: %zu", listing.count);
    return rc;
}

int chanserv_access(struct chanserv *serv)
{
    if (chanserv_is(serv->words[1], "ADD") && serv->count == 4)
        return add_access(serv);
    if (chanserv_is(serv->words[1], "DEL") && serv->count == 3)
        return drop_access(serv);
    if (chanserv_is(serv->words[1], "LIST") && serv->count == 2)
        return list_access(serv);
    return chanserv_usage(serv);
}

/* -- Settings ----------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    enum chat_registration_flag flag;
} flags[] = {
    {"KEEPTOPIC", CHAT_KEEP_TOPIC}, {"TOPICLOCK", CHAT_TOPIC_LOCK}, {"PRIVATE", CHAT_UNTOLD_OF}};

static const struct {
    const char *name;
    enum chat_registration_text which;
} texts[] = {{"SUCCESSOR", CHAT_SUCCESSOR}, {"DESCRIPTION", CHAT_ABOUT}, {"URL", CHAT_URL}};

static int set_flag(struct chanserv *serv, size_t which)
{
    bool on = chanserv_is(serv->rest, "ON");
    int rc;

    if (!on && !chanserv_is(serv->rest, "OFF"))
        return chanserv_usage(serv);
    rc = changed(serv, chat_channel_set_flag(ASKS(serv), flags[which].flag, on));
    if (rc == 0)
        chanserv_say(serv, "%s is %s for %.*s now.", flags[which].name, on ? "on" : "off",
                     CHANSERV_TEXT(serv->words[0]));
    return rc;
}

static int set_text(struct chanserv *serv, size_t which)
{
    int rc = changed(serv, chat_channel_set_text(ASKS(serv), texts[which].which, serv->rest));

    if (rc == 0)
        chanserv_say(serv, "%s of %.*s is %.*s now.", texts[which].name,
                     CHANSERV_TEXT(serv->words[0]),
                     CHANSERV_TEXT(serv->rest.length > 0 ? serv->rest : chat_text("nothing")));
    return rc;
}

static int set_lock(struct chanserv *serv)
{
    int rc = changed(serv, chat_channel_lock(ASKS(serv), serv->rest));

    if (rc == 0)
        chanserv_say(serv, "The modes of %.*s that stay are set.", CHANSERV_TEXT(serv->words[0]));
    return rc;
}

int chanserv_set(struct chanserv *serv)
{
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++)
        if (chanserv_is(serv->words[1], flags[i].name))
            return set_flag(serv, i);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (chanserv_is(serv->words[1], texts[i].name))
            return set_text(serv, i);
    return chanserv_is(serv->words[1], "MLOCK") ? set_lock(serv) : chanserv_usage(serv);
}

/* -- In the channel ----------------------------------------------------------------------------- */

static void copy_nick(const struct chat_user_view *view, void *argument)
{
    char *nick = argument;

    memcpy(nick, view->nick.data, view->nick.length);
    nick[view->nick.length] = '\0';
}

/* The second word, or who asks, whose name is copied to ROOM. */
static struct chat_text who_is_meant(const struct chanserv *serv, char room[CHAT_NAME_MAX + 1])
{
    room[0] = '\0';
    if (serv->count > 1)
        return serv->words[1];
    (void)chat_user_look(serv->request->world, serv->request->session, copy_nick, room);
    return chat_text(room);
}

/* What is done is seen in the channel; but somebody may have it done who is not there. */
int chanserv_status(struct chanserv *serv)
{
    char room[CHAT_NAME_MAX + 1];
    int rc = chat_channel_status(ASKS(serv), who_is_meant(serv, room), serv->command->mode,
                                 serv->command->set);

    if (rc == 0)
        chanserv_say(serv, "Done.");
    return rc;
}

int chanserv_invite(struct chanserv *serv)
{
    char room[CHAT_NAME_MAX + 1];
    struct chat_text nick = who_is_meant(serv, room);
    int rc = chat_channel_admit(ASKS(serv), nick);

    if (rc == 0)
        chanserv_say(serv, "%.*s is invited to %.*s.", CHANSERV_TEXT(nick),
                     CHANSERV_TEXT(serv->words[0]));
    return rc;
}

int chanserv_unban(struct chanserv *serv)
{
    char room[CHAT_NAME_MAX + 1];
    size_t count;
    int rc = chat_channel_unban(ASKS(serv), who_is_meant(serv, room), &count);

    serv->answer->changed = count > 0;
    if (rc == 0)
        chanserv_say(serv, "Bans taken away: %zu", count);
    return rc;
}
