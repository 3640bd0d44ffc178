/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/classes.h"

#include "daemon/daemon.h"
#include "daemon/networks.h"

#include <errno.h>
#include <stdlib.h>

/* Words are never more than that, as they have spaces between them. */
#define NETWORKS_MAX 512

static struct pl_class_options options_of(const struct config_client_class *class,
                                          struct pl_network *networks)
{
    return (struct pl_class_options){
        .name = class->name,
        .networks = networks,
        .network_count = networks_read(class->from, networks, NETWORKS_MAX),
        .connections = class->connections,
        .per_address = class->per_address,
        .recvq = class->recvq,
        .sendq = class->sendq,
    };
}

int classes_set(struct daemon *daemon, const struct config *config)
{
    size_t count = config->client_class_count;
    struct pl_class_options *options = calloc(count + 1, sizeof(*options));
    struct pl_network *networks = calloc(count + 1, NETWORKS_MAX * sizeof(*networks));
    int rc = options && networks ? 0 : -ENOMEM;

    for (size_t i = 0; rc == 0 && i < count; i++)
        options[i] = options_of(&config->client_classes[i], networks + i * NETWORKS_MAX);
    if (rc == 0)
        rc = pl_server_set_classes(daemon->server, options, count);
    free(networks);
    free(options);
    return rc;
}

struct chat_class *classes_read(const struct config *config)
{
    struct chat_class *classes = calloc(config->client_class_count + 1, sizeof(*classes));

    for (size_t i = 0; classes && i < config->client_class_count; i++) {
        const struct config_client_class *class = &config->client_classes[i];

        classes[i] = (struct chat_class){
            .name = class->name,
            .password = class->password,
            .registration_timeout = class->registration_timeout,
            .ping_interval = class->ping_interval,
            .flood_rate = class->flood_rate,
            .flood_burst = class->flood_burst,
            .channels_per_user = class->channels_per_user,
        };
    }
    return classes;
}

void classes_print(struct daemon *daemon, FILE *file)
{
    struct pl_class_stats stats;

    for (size_t i = 0; pl_server_class(daemon->server, i, &stats); i++)
        fprintf(file, "class: %s %u %u\n", stats.name, stats.sessions, stats.connections);
}
