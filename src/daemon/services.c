/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/services.h"

#include "echo/echo.h"
#include "irc/cap.h"
#include "irc/settings.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A message of the day that is longer is no message but a mistake. */
#define MOTD_MAX 65536

/* This server's number among those that share one chat: it is the only one. */
#define NODE 0

/* Reads all of a file that is not larger than MOTD_MAX. Returns 0 or a negative errno. */
static int read_all(int fd, char *text, size_t *length)
{
    *length = 0;
    for (;;) {
        ssize_t got = read(fd, text + *length, MOTD_MAX + 1 - *length);

        if (got < 0 && errno != EINTR)
            return -errno;
        if (got == 0)
            return 0;
        if (got > 0)
            *length += (size_t)got;
        if (*length > MOTD_MAX)
            return -EFBIG;
    }
}

static int read_file(const char *path, char **out)
{
    char *text = malloc(MOTD_MAX + 1);
    size_t length = 0;
    int fd;
    int rc;

    if (!text)
        return -ENOMEM;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    rc = fd < 0 ? -errno : read_all(fd, text, &length);
    if (fd >= 0)
        close(fd);
    if (rc == 0 && memchr(text, '\0', length))
        rc = -EILSEQ;
    if (rc < 0) {
        free(text);
        return rc;
    }
    text[length] = '\0';
    *out = text;
    return 0;
}

static int read_motd(const struct config *config, const char *state_dir, char **out,
                     struct config_errors *errors)
{
    char *path;
    int rc;

    if (!*config->server.motd) {
        *out = strdup("");
        return *out ? 0 : -ENOMEM;
    }
    rc = config_path(state_dir ? state_dir : "/", config->server.motd, &path);
    if (rc < 0)
        return rc;
    rc = read_file(path, out);
    if (rc < 0 && rc != -ENOMEM) {
        config_errors_add(errors, config_place_of(config, "server", "motd"), "server.motd",
                          "%s: %s", path, rc == -EILSEQ ? "this is no text" : strerror(-rc));
        rc = CONFIG_INVALID;
    }
    free(path);
    return rc;
}

static int read_caps(const struct config *config, unsigned *caps, struct config_errors *errors)
{
    struct chat_text wrong;

    if (irc_caps_read(config->irc.capabilities_off, caps, &wrong))
        return 0;
    config_errors_add(errors, config_place_of(config, "irc", "capabilities_off"),
                      "irc.capabilities_off", "there is no capability \"%.*s\" to switch off",
                      (int)wrong.length, wrong.data);
    return CONFIG_INVALID;
}

static int read_opers(const struct config *config, struct services_settings *settings)
{
    struct irc_oper *opers = calloc(config->oper_count + 1, sizeof *opers);
    bool good;

    if (!opers)
        return -ENOMEM;
    for (size_t i = 0; i < config->oper_count; i++) {
        opers[i].name = config->opers[i].name;
        good = pli_password_parse(config->opers[i].password, &opers[i].password);
        assert(good); /* the configuration takes no other */
    }
    settings->opers = opers;
    settings->irc.opers = opers;
    settings->irc.oper_count = config->oper_count;
    return 0;
}

int services_read(struct services_settings *settings, const struct config *config,
                  const char *state_dir, struct config_errors *errors)
{
    const struct config_limits *limits = &config->limits;
    int rc;

    *settings = (struct services_settings){
        .chat = {.nick_length = limits->nick_length,
                 .channel_length = limits->channel_length,
                 .topic_length = limits->topic_length,
                 .channels_per_user = limits->channels_per_user,
                 .masks_per_list = limits->masks_per_list,
                 .watched_nicks = limits->watched_nicks},
        .talk = {.network = config->server.network,
                 .lobby = config->talk.lobby,
                 .registration_timeout = limits->registration_timeout,
                 .flood_rate = limits->flood_rate,
                 .flood_burst = limits->flood_burst},
        .irc = {.server = config->server.name,
                .network = config->server.network,
                .description = config->server.description,
                .contact = config->server.contact,
                .password = config->server.password,
                .line = limits->line,
                .registration_timeout = limits->registration_timeout,
                .ping_interval = limits->ping_interval,
                .flood_rate = limits->flood_rate,
                .flood_burst = limits->flood_burst},
    };
    rc = read_caps(config, &settings->irc.caps_off, errors);
    if (rc == 0)
        rc = read_opers(config, settings);
    if (rc == 0)
        rc = read_motd(config, state_dir, &settings->motd, errors);
    if (rc != 0) {
        services_settings_deinit(settings);
        return rc;
    }
    settings->talk.motd = settings->motd;
    settings->irc.motd = settings->motd;
    return 0;
}

void services_settings_deinit(struct services_settings *settings)
{
    free(settings->motd);
    free(settings->opers);
    *settings = (struct services_settings){0};
}

int services_init(struct services *services, const struct services_settings *settings,
                  const struct chat_cloak_key *key)
{
    int rc;

    *services = (struct services){0};
    rc = chat_world_new(&settings->chat, NODE, &services->world);
    if (rc == 0)
        rc = talk_new(services->world, &settings->talk, &services->talk);
    if (rc == 0)
        rc = irc_new(services->world, &settings->irc, key, &services->irc);
    if (rc < 0)
        services_deinit(services);
    else
        talk_put_key(services->talk, key);
    return rc;
}

void services_put_key(struct services *services, const struct chat_cloak_key *key)
{
    irc_put_key(services->irc, key);
    talk_put_key(services->talk, key);
}

void services_deinit(struct services *services)
{
    irc_free(services->irc);
    talk_free(services->talk);
    chat_world_free(services->world);
    *services = (struct services){0};
}

/* Puts all in force that can fail. */
static int apply(struct services *services, const struct services_settings *settings)
{
    struct chat_settings before;
    int rc;

    chat_world_settings(services->world, &before);
    rc = chat_world_set_settings(services->world, &settings->chat);
    if (rc < 0)
        return rc;
    rc = talk_set_settings(services->talk, &settings->talk);
    if (rc < 0)
        chat_world_set_settings(services->world, &before);
    return rc;
}

int services_apply(struct services *services, const struct services_settings *settings)
{
    struct irc_snapshot *irc;
    int rc = irc_snapshot_new(&settings->irc, &irc);

    if (rc < 0)
        return rc;
    rc = apply(services, settings);
    if (rc < 0)
        irc_snapshot_unref(irc);
    else
        irc_put_settings(services->irc, irc);
    return rc;
}

const struct pl_service *services_find(const struct services *services, const char *name,
                                       void **context)
{
    *context = services->talk;
    if (strcmp(name, "talk") == 0)
        return &talk_service;
    *context = services->irc;
    if (strcmp(name, "irc") == 0)
        return &irc_service;
    *context = NULL;
    assert(strcmp(name, "echo") == 0); /* the configuration knows no others */
    return &echo_service;
}
