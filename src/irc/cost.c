/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "irc/cost.h"

#include "irc/isupport.h"

#include <limits.h>

/* Commands with a list: which parameter it is, and how many of its elements, but the first, cost 1. */
static const struct {
    void (*run)(struct irc_client *client, const struct irc_message *message);
    size_t param;
    unsigned for_one;
    unsigned most; /* elements that are looked at */
} lists[] = {
    /* Each of these is told to everybody there. */
    {irc_do_join, 0, 1, UINT_MAX},
    {irc_do_part, 0, 1, UINT_MAX},
    {irc_do_kick, 1, 1, UINT_MAX},
    {irc_do_privmsg, 0, 1, IRC_TARGETS_MAX},
    {irc_do_notice, 0, 1, IRC_TARGETS_MAX},
    {irc_do_tagmsg, 0, 1, IRC_TARGETS_MAX},
    /* Conditions are compared with all channels. */
    {irc_do_list, 0, 4, UINT_MAX},
    {irc_do_names, 0, 4, UINT_MAX},
    {irc_do_accept, 0, 4, UINT_MAX},
    /* Many are watched at once by who has just come. */
    {irc_do_monitor, 1, 8, UINT_MAX},
};

static unsigned count_elements(struct chat_text list, unsigned most)
{
    struct chat_text element;
    unsigned count = 0;

    while (count < most && irc_list_next(&list, &element))
        count++;
    return count;
}

static unsigned cost_of_list(const struct irc_command *command, const struct irc_message *message)
{
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        unsigned count;

        if (lists[i].run != command->run)
            continue;
        count = count_elements(irc_param(message, lists[i].param), lists[i].most);
        return count > 0 ? (count - 1) / lists[i].for_one : 0;
    }
    return 0;
}

unsigned irc_cost_of(const struct irc_command *command, const struct irc_message *message,
                     unsigned lines)
{
    return command->cost + cost_of_list(command, message) + lines / IRC_LINES_FOR_ONE;
}
