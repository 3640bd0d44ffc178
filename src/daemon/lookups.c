/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/lookups.h"

#include "daemon/networks.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(LOOKUP_REPLIES_MAX == CONFIG_REPLIES_MAX, "the configuration takes no more");

static void read_list(struct lookup_list *list, const struct config_blocklist *said)
{
    snprintf(list->name, sizeof(list->name), "%s", said->name);
    snprintf(list->reason, sizeof(list->reason), "%s", said->reason);
    list->refuse = strcmp(said->action, "refuse") == 0;
    list->reply_count = networks_read(said->replies, list->replies, LOOKUP_REPLIES_MAX);
}

static void read_server(struct lookup_settings *settings, const struct config_dns *dns)
{
    if (inet_pton(AF_INET, dns->server, &settings->server.sin_addr) != 1)
        return;
    settings->server.sin_family = AF_INET;
    settings->server.sin_port = htons((uint16_t)dns->port);
}

int lookups_read(struct lookup_settings *settings, struct lookup_list **lists,
                 const struct config *config)
{
    *lists = calloc(config->blocklist_count + 1, sizeof(**lists));
    if (!*lists)
        return -ENOMEM;
    for (size_t i = 0; i < config->blocklist_count; i++)
        read_list(&(*lists)[i], &config->blocklists[i]);
    *settings = (struct lookup_settings){
        .resolve = config->dns.resolve,
        .timeout = config->dns.timeout,
        .remember = config->dns.remember,
        .lists = *lists,
        .list_count = config->blocklist_count,
    };
    read_server(settings, &config->dns);
    return 0;
}
