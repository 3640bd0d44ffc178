/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <paceline/message.h>

#include "transport/server.h"

static struct pli_class *find_name(const struct pli_classes *classes, const char *name)
{
    for (size_t i = 0; i < classes->count; i++)
        if (strcmp(classes->classes[i]->name, name) == 0)
            return classes->classes[i];
    return NULL;
}

struct pli_class *pli_class_ref(struct pli_class *class)
{
    atomic_fetch_add_explicit(&class->references, 1, memory_order_relaxed);
    return class;
}

void pli_class_unref(struct pli_class *class)
{
    if (!class || atomic_fetch_sub_explicit(&class->references, 1, memory_order_acq_rel) > 1)
        return;
    if (atomic_fetch_sub_explicit(&class->count->references, 1, memory_order_acq_rel) == 1)
        free(class->count);
    free(class);
}

static bool options_are_good(const struct pl_class_options *options)
{
    size_t length = strlen(options->name);

    return length >= 1 && length < PL_CLASS_NAME && options->recvq >= 1 &&
           options->recvq <= INT32_MAX && options->sendq >= 1 && options->sendq <= PL_MESSAGE_MAX;
}

static int class_new(const struct pl_class_options *options, struct pli_class_count *count,
                     struct pli_class **out)
{
    size_t networks = options->network_count * sizeof(*options->networks);
    struct pli_class *class = calloc(1, sizeof(*class) + networks);

    if (class && !count)
        count = calloc(1, sizeof(*count));
    if (!class || !count) {
        free(class);
        return -ENOMEM;
    }
    class->references = 1;
    class->connections = options->connections;
    class->per_address = options->per_address;
    class->recvq = options->recvq;
    class->sendq = options->sendq;
    memcpy(class->name, options->name, strlen(options->name));
    class->network_count = options->network_count;
    if (networks > 0)
        memcpy(class->networks, options->networks, networks);
    atomic_fetch_add_explicit(&count->references, 1, memory_order_relaxed);
    class->count = count;
    *out = class;
    return 0;
}

static int add(struct pli_classes *classes, const struct pl_class_options *options,
               const struct pli_classes *before)
{
    const struct pli_class *known;
    int rc;

    if (!options_are_good(options) || find_name(classes, options->name))
        return -EINVAL;
    known = find_name(before, options->name);
    rc = class_new(options, known ? known->count : NULL, &classes->classes[classes->count]);
    if (rc == 0)
        classes->count++;
    return rc;
}

int pli_classes_init(struct pli_classes *classes, const struct pl_class_options *options,
                     size_t count, const struct pli_classes *before)
{
    int rc = 0;

    *classes = (struct pli_classes){0};
    if (count == 0)
        return 0;
    classes->classes = calloc(count, sizeof(*classes->classes));
    if (!classes->classes)
        return -ENOMEM;
    for (size_t i = 0; i < count && rc == 0; i++)
        rc = add(classes, &options[i], before);
    if (rc < 0)
        pli_classes_deinit(classes);
    return rc;
}

void pli_classes_deinit(struct pli_classes *classes)
{
    for (size_t i = 0; i < classes->count; i++)
        pli_class_unref(classes->classes[i]);
    free(classes->classes);
    *classes = (struct pli_classes){0};
}

struct pli_class *pli_classes_find(const struct pli_classes *classes,
                                   const struct pli_address *address)
{
    for (size_t i = 0; i < classes->count; i++) {
        struct pli_class *class = classes->classes[i];

        for (size_t j = 0; j < class->network_count; j++)
            if (pli_network_has(&class->networks[j], address))
                return class;
    }
    return NULL;
}

int pl_server_set_classes(struct pl_server *server, const struct pl_class_options *options,
                          size_t count)
{
    struct pli_classes classes;
    int rc;

    pli_lock(&server->lock);
    rc = pli_classes_init(&classes, options, count, &server->classes);
    if (rc == 0) {
        pli_classes_deinit(&server->classes);
        server->classes = classes;
    }
    pli_unlock(&server->lock);
    return rc;
}

bool pl_server_class(struct pl_server *server, size_t index, struct pl_class_stats *stats)
{
    const struct pli_class *class;
    bool there;

    pli_lock(&server->lock);
    there = index < server->classes.count;
    if (there) {
        class = server->classes.classes[index];
        *stats = (struct pl_class_stats){.sessions = class->count->sessions,
                                         .connections = class->connections,
                                         .per_address = class->per_address,
                                         .sendq = class->sendq,
                                         .recvq = class->recvq};
        memcpy(stats->name, class->name, sizeof(stats->name));
    }
    pli_unlock(&server->lock);
    return there;
}
