/* SPDX-License-Identifier: MIT */
#ifndef IRC_COMMAND_H
#define IRC_COMMAND_H

#include "irc/reply.h"

#define IRC_EARLY  1u /* also before the registration */
#define IRC_SILENT 2u /* never answered, not even when it comes too early */
#define IRC_SECRET 4u /* has a password or the like in it, or may have */

struct irc_command {
    const char *name;
    unsigned least; /* parameters, or there is a 461 */
    unsigned flags;
    unsigned cost;     /* at least: see irc/cost.h, and chat/flood.h */
    const char *usage; /* its parameters, for HELP */
    const char *help;
    void (*run)(struct irc_client *client, const struct irc_message *message);
};

/* All commands, by their names. */
extern const struct irc_command irc_commands[];
extern const size_t irc_command_count;

/* The command of that name in any case, or NULL. */
const struct irc_command *irc_command_find(struct chat_text name);

/*
 * Runs a line as it came, without its end, and returns what it costs; nothing is left of the line
 * afterwards.
 */
unsigned irc_command_line(struct irc_client *client, struct chat_text line);

/*
 * Answers a line that is too long, or else has a NUL byte, of which HEAD is the beginning, and
 * returns what it costs.
 */
unsigned irc_command_refuse(struct irc_client *client, struct chat_text head, bool too_long);

/* Takes the next element of a list with commas off LIST; empty ones are passed over. */
bool irc_list_next(struct chat_text *list, struct chat_text *element);

/* Takes the next of the words, between which spaces stand, off TEXT. */
bool irc_word_next(struct chat_text *text, struct chat_text *word);

/* What the commands do: registration (register.c, cap.c, webirc.c), ... */
void irc_do_cap(struct irc_client *client, const struct irc_message *message);
void irc_do_pass(struct irc_client *client, const struct irc_message *message);
void irc_do_nick(struct irc_client *client, const struct irc_message *message);
void irc_do_user(struct irc_client *client, const struct irc_message *message);
void irc_do_ping(struct irc_client *client, const struct irc_message *message);
void irc_do_pong(struct irc_client *client, const struct irc_message *message);
void irc_do_quit(struct irc_client *client, const struct irc_message *message);
void irc_do_webirc(struct irc_client *client, const struct irc_message *message);

/* ... accounts (sasl.c, signup.c, nickserv.c, chanserv.c, service.c), ... */
void irc_do_chanserv(struct irc_client *client, const struct irc_message *message);
void irc_do_authenticate(struct irc_client *client, const struct irc_message *message);
void irc_do_nickserv(struct irc_client *client, const struct irc_message *message);
void irc_do_register(struct irc_client *client, const struct irc_message *message);
void irc_do_squery(struct irc_client *client, const struct irc_message *message);
void irc_do_verify(struct irc_client *client, const struct irc_message *message);

/* ... channels (channel.c, invite.c, list.c), ... */
void irc_do_join(struct irc_client *client, const struct irc_message *message);
void irc_do_invite(struct irc_client *client, const struct irc_message *message);
void irc_do_knock(struct irc_client *client, const struct irc_message *message);
void irc_do_kick(struct irc_client *client, const struct irc_message *message);
void irc_do_part(struct irc_client *client, const struct irc_message *message);
void irc_do_rename(struct irc_client *client, const struct irc_message *message);
void irc_do_topic(struct irc_client *client, const struct irc_message *message);
void irc_do_names(struct irc_client *client, const struct irc_message *message);
void irc_do_list(struct irc_client *client, const struct irc_message *message);

/* ... messages (say.c, redact.c, search.c, multiline.c, chathistory.c, markread.c, metadata.c), ... */
void irc_do_privmsg(struct irc_client *client, const struct irc_message *message);
void irc_do_search(struct irc_client *client, const struct irc_message *message);
void irc_do_redact(struct irc_client *client, const struct irc_message *message);
void irc_do_tagmsg(struct irc_client *client, const struct irc_message *message);
void irc_do_notice(struct irc_client *client, const struct irc_message *message);
void irc_do_batch(struct irc_client *client, const struct irc_message *message);
void irc_do_chathistory(struct irc_client *client, const struct irc_message *message);
void irc_do_markread(struct irc_client *client, const struct irc_message *message);
void irc_do_metadata(struct irc_client *client, const struct irc_message *message);

/* ... people (people.c, accept.c, monitor.c, who.c, whois.c, whowas.c, mode.c), ... */
void irc_do_accept(struct irc_client *client, const struct irc_message *message);
void irc_do_defcon(struct irc_client *client, const struct irc_message *message);
void irc_do_filter(struct irc_client *client, const struct irc_message *message);
void irc_do_mode(struct irc_client *client, const struct irc_message *message);
void irc_do_away(struct irc_client *client, const struct irc_message *message);
void irc_do_monitor(struct irc_client *client, const struct irc_message *message);
void irc_do_ison(struct irc_client *client, const struct irc_message *message);
void irc_do_setname(struct irc_client *client, const struct irc_message *message);
void irc_do_userhost(struct irc_client *client, const struct irc_message *message);
void irc_do_who(struct irc_client *client, const struct irc_message *message);
void irc_do_whois(struct irc_client *client, const struct irc_message *message);
void irc_do_whowas(struct irc_client *client, const struct irc_message *message);

/* ... what operators of the server do (oper.c, ban.c, force.c, life.c), ... */
void irc_do_cban(struct irc_client *client, const struct irc_message *message);
void irc_do_chghost(struct irc_client *client, const struct irc_message *message);
void irc_do_die(struct irc_client *client, const struct irc_message *message);
void irc_do_dline(struct irc_client *client, const struct irc_message *message);
void irc_do_kill(struct irc_client *client, const struct irc_message *message);
void irc_do_kline(struct irc_client *client, const struct irc_message *message);
void irc_do_oper(struct irc_client *client, const struct irc_message *message);
void irc_do_rehash(struct irc_client *client, const struct irc_message *message);
void irc_do_restart(struct irc_client *client, const struct irc_message *message);
void irc_do_sajoin(struct irc_client *client, const struct irc_message *message);
void irc_do_samode(struct irc_client *client, const struct irc_message *message);
void irc_do_sanick(struct irc_client *client, const struct irc_message *message);
void irc_do_sapart(struct irc_client *client, const struct irc_message *message);
void irc_do_uncban(struct irc_client *client, const struct irc_message *message);
void irc_do_undline(struct irc_client *client, const struct irc_message *message);
void irc_do_unkline(struct irc_client *client, const struct irc_message *message);
void irc_do_wallops(struct irc_client *client, const struct irc_message *message);

/* ... and the server itself (server.c, help.c). */
void irc_do_admin(struct irc_client *client, const struct irc_message *message);
void irc_do_help(struct irc_client *client, const struct irc_message *message);
void irc_do_info(struct irc_client *client, const struct irc_message *message);
void irc_do_isupport(struct irc_client *client, const struct irc_message *message);
void irc_do_links(struct irc_client *client, const struct irc_message *message);
void irc_do_lusers(struct irc_client *client, const struct irc_message *message);
void irc_do_map(struct irc_client *client, const struct irc_message *message);
void irc_do_motd(struct irc_client *client, const struct irc_message *message);
void irc_do_stats(struct irc_client *client, const struct irc_message *message);
void irc_do_time(struct irc_client *client, const struct irc_message *message);
void irc_do_users(struct irc_client *client, const struct irc_message *message);
void irc_do_version(struct irc_client *client, const struct irc_message *message);

/* Whether SERVER, a name, a pattern, or the nickname of somebody here, means this server. */
bool irc_is_here(struct irc_client *client, struct chat_text server);

/* The same for a parameter, which may be missing or empty; if it means none, that has been said. */
bool irc_is_me(struct irc_client *client, const struct irc_message *message, size_t index);

/* The lines that follow a registration, and some of them by themselves. */
void irc_send_welcome(struct irc_client *client);
void irc_send_isupport(struct irc_client *client);

#endif
