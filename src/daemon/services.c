/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/services.h"

#include "account/chanserv.h"
#include "account/nickserv.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/accounts.h"
#include "daemon/classes.h"
#include "daemon/defcon.h"
#include "daemon/lookups.h"
#include "echo/echo.h"
#include "irc/cap.h"
#include "irc/settings.h"
#include "store/store.h"

#include <paceline/server.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A message of the day that is longer is no message but a mistake. */
#define MOTD_MAX 65536

/* Milliseconds between two looks at what is kept. */
#define KEPT_PAUSE 60000

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

    if (irc_caps_read(config->irc.capabilities_off, caps, &wrong)) {
        if (config->limits.redact_messages == 0)
            *caps |= IRC_CAP_MESSAGE_REDACTION;
        return 0;
    }
    config_errors_add(errors, config_place_of(config, "irc", "capabilities_off"),
                      "irc.capabilities_off", "there is no capability \"%.*s\" to switch off",
                      (int)wrong.length, wrong.data);
    return CONFIG_INVALID;
}

/* The rights of a class, whose names stand in the configuration. */
static int read_rights(const struct config_class *class, unsigned *rights,
                       struct config_errors *errors)
{
    struct chat_text rest = chat_text(class->rights);
    struct chat_text name;
    char key[100];

    *rights = 0;
    while (chat_text_next(&rest, ' ', &name)) {
        unsigned right =
            chat_text_equal(name, chat_text("all")) ? CHAT_RIGHTS_ALL : chat_right_find(name);

        if (right == 0) {
            snprintf(key, sizeof key, "oper_classes[\"%.64s\"].rights", class->name);
            config_errors_add(errors, class->place, key, "there is no right \"%.*s\"",
                              (int)name.length, name.data);
            return CONFIG_INVALID;
        }
        *rights |= right;
    }
    return 0;
}

/* An operator without a class has all rights; the classes that are named are there. */
static int read_oper(const struct config *config, const struct config_oper *from,
                     struct irc_oper *oper, struct config_errors *errors)
{
    bool good = pli_password_parse(from->password, &oper->password);

    assert(good); /* the configuration takes no other */
    oper->name = from->name;
    oper->class = from->class;
    oper->from = from->from;
    oper->rights = CHAT_RIGHTS_ALL;
    for (size_t i = 0; i < config->class_count; i++)
        if (strcmp(config->classes[i].name, from->class) == 0)
            return read_rights(&config->classes[i], &oper->rights, errors);
    return 0;
}

static int read_opers(const struct config *config, struct services_settings *settings,
                      struct config_errors *errors)
{
    struct irc_oper *opers = calloc(config->oper_count + 1, sizeof *opers);
    unsigned rights;
    int rc = 0;

    if (!opers)
        return -ENOMEM;
    settings->opers = opers;
    settings->irc.opers = opers;
    settings->irc.oper_count = config->oper_count;
    for (size_t i = 0; i < config->class_count && rc == 0; i++) /* also those of nobody */
        rc = read_rights(&config->classes[i], &rights, errors);
    for (size_t i = 0; i < config->oper_count && rc == 0; i++)
        rc = read_oper(config, &config->opers[i], &opers[i], errors);
    return rc;
}

static void read_password(const char *text, struct irc_gateway *gateway)
{
    bool good = true;

    if (pli_password_is_hash(text))
        good = pli_password_parse(text, &gateway->hash);
    else
        gateway->password = text;
    assert(good); /* the configuration takes no other */
}

/* Those that bring clients by WEBIRC. */
static int read_gateways(const struct config *config, struct services_settings *settings)
{
    struct irc_gateway *gateways = calloc(config->gateway_count + 1, sizeof *gateways);
    size_t count = 0;
    int rc;

    if (!gateways)
        return -ENOMEM;
    for (size_t i = 0; i < config->gateway_count; i++) {
        if (!*config->gateways[i].webirc_password)
            continue;
        rc = pl_network_parse(config->gateways[i].from, &gateways[count].network);
        assert(rc == 0); /* likewise */
        read_password(config->gateways[i].webirc_password, &gateways[count++]);
    }
    settings->gateways = gateways;
    settings->irc.gateways = gateways;
    settings->irc.gateway_count = count;
    return 0;
}

static int read_classes(const struct config *config, struct services_settings *settings)
{
    settings->classes = classes_read(config);
    if (!settings->classes)
        return -ENOMEM;
    settings->irc.classes = settings->talk.classes = settings->classes;
    settings->irc.class_count = settings->talk.class_count = config->client_class_count;
    return 0;
}

/* What the settings have as the configuration has it. */
static struct services_settings plain_settings(const struct config *config)
{
    const struct config_limits *limits = &config->limits;

    return (struct services_settings){
        .chat = {.nick_length = limits->nick_length,
                 .channel_length = limits->channel_length,
                 .topic_length = limits->topic_length,
                 .channels_per_user = limits->channels_per_user,
                 .masks_per_list = limits->masks_per_list,
                 .bans = limits->bans,
                 .watched_nicks = limits->watched_nicks,
                 .redact_messages = limits->redact_messages,
                 .redact_window = limits->redact_window,
                 .sessions = config->accounts.sessions,
                 .always_on_expiry = config->accounts.always_on_expiry,
                 .nick_grace = config->accounts.nick_grace,
                 .channel_registration = config->channels.registration,
                 .channels_per_account = config->channels.per_account,
                 .access_per_channel = config->channels.access},
        .accounts = accounts_read(config),
        .talk = {.network = config->server.network,
                 .lobby = config->talk.lobby,
                 .registration_timeout = limits->registration_timeout,
                 .flood_rate = limits->flood_rate,
                 .flood_burst = limits->flood_burst},
        .irc = {.server = config->server.name,
                .network = config->server.network,
                .description = config->server.description,
                .contact = config->server.contact,
                .icon = config->server.icon,
                .password = config->server.password,
                .line = limits->line,
                .registration_timeout = limits->registration_timeout,
                .ping_interval = limits->ping_interval,
                .batch_timeout = config->irc.batch_timeout,
                .history_page = config->history.page,
                .history_missed = config->history.missed,
                .history_playback = config->history.playback,
                .sts_port = config->irc.sts_port,
                .sts_duration = config->irc.sts_duration,
                .flood_rate = limits->flood_rate,
                .flood_burst = limits->flood_burst,
                .metadata_rate = limits->metadata_rate,
                .metadata_burst = limits->metadata_burst},
    };
}

int services_read(struct services_settings *settings, const struct config *config,
                  const char *state_dir, struct config_errors *errors)
{
    int rc;

    *settings = plain_settings(config);
    snprintf(settings->chat.fixed_channel, sizeof settings->chat.fixed_channel, "%s",
             config->talk.lobby);
    rc = read_caps(config, &settings->irc.caps_off, errors);
    if (rc == 0)
        rc = read_opers(config, settings, errors);
    if (rc == 0)
        rc = read_gateways(config, settings);
    if (rc == 0)
        rc = read_classes(config, settings);
    if (rc == 0)
        rc = filters_read(&settings->filters, config, errors);
    if (rc == 0)
        rc = defcon_read(&settings->defcon, config, errors);
    if (rc == 0)
        rc = lookups_read(&settings->lookup, &settings->lists, config);
    if (rc == 0)
        rc = read_motd(config, state_dir, &settings->motd, errors);
    if (rc != 0) {
        services_settings_deinit(settings);
        return rc;
    }
    settings->lookup_threads = config->dns.threads;
    settings->talk.motd = settings->motd;
    settings->irc.motd = settings->motd;
    return 0;
}

void services_settings_deinit(struct services_settings *settings)
{
    free(settings->motd);
    free(settings->opers);
    free(settings->gateways);
    free(settings->classes);
    filters_deinit(&settings->filters);
    free(settings->lists);
    *settings = (struct services_settings){0};
}

static void put_filters(struct services *services, struct chat_filter_set *room,
                        const struct filters_settings *settings)
{
    chat_filters_configure(chat_world_filters(services->world), room, settings->filters,
                           settings->count);
}

static int init_filters(struct services *services, const struct filters_settings *settings)
{
    struct chat_filter_set *room = chat_filters_room();

    if (!room)
        return -ENOMEM;
    put_filters(services, room, settings);
    return 0;
}

static bool find_owner(void *context, struct chat_text nick, char owner[static CHAT_NAME_MAX + 1])
{
    const struct services *services = context;

    static_assert(ACCOUNT_NAME_MAX <= CHAT_NAME_MAX, "an account's name fits");
    return accounts_owner(services->accounts, nick.data, nick.length, owner);
}

static unsigned find_policy(void *context, struct chat_text account)
{
    const struct services *services = context;

    static_assert((int)CHAT_SHARES == (int)ACCOUNT_SHARES &&
                      (int)CHAT_ALWAYS_ON == (int)ACCOUNT_ALWAYS_ON &&
                      (int)CHAT_AUTO_AWAY == (int)ACCOUNT_AUTO_AWAY,
                  "what holds has the same numbers");
    return accounts_policy(services->accounts, account.data, account.length);
}

static bool find_account(void *context, struct chat_text name,
                         char written[static CHAT_NAME_MAX + 1])
{
    const struct services *services = context;

    return accounts_written(services->accounts, name.data, name.length, written);
}

/* By the store's writer. */
static void on_account(const char *name, bool gone, void *argument)
{
    const struct services *services = argument;

    if (gone)
        chat_account_end(services->world, chat_text(name));
    else
        chat_presence_review(services->world, chat_text(name));
    chat_history_review(services->world, chat_text(name), gone);
    chat_nick_review(services->world, chat_text(name));
}

static void wake(void *context, unsigned milliseconds)
{
    const struct services *services = context;

    if (services->holds)
        pl_timer_set(services->holds, milliseconds);
}

static void retry(void *context, unsigned milliseconds)
{
    const struct services *services = context;

    if (services->channels)
        pl_timer_set(services->channels, milliseconds);
}

static void write_again(void *argument)
{
    const struct services *services = argument;

    chat_registrations_retry(services->world);
}

static void expire(void *argument)
{
    const struct services *services = argument;

    chat_holds_expire(services->world, pli_clock_now());
}

/* What the store did not take then, it may now; and who stays may have stayed too long. */
static void look_after_kept(void *argument)
{
    struct services *services = argument;

    chat_kept_retry(services->world);
    chat_presences_expire(services->world, pli_clock_wall_ms());
    pl_timer_set(services->kept, KEPT_PAUSE);
}

int services_time(struct services *services, struct pl_server *server)
{
    int rc = pl_timer_new(server, expire, services, &services->holds);

    if (rc == 0)
        rc = pl_timer_new(server, write_again, services, &services->channels);
    if (rc == 0)
        rc = pl_timer_new(server, look_after_kept, services, &services->kept);
    if (rc == 0)
        pl_timer_set(services->kept, KEPT_PAUSE);
    return rc;
}

/* NickServ and ChanServ, and whose nicknames are. SERVICES does not move. */
static int init_accounts(struct services *services, const struct services_settings *settings)
{
    const struct chat_ownership ownership = {.owner = find_owner,
                                             .wake = wake,
                                             .context = services,
                                             .service = NICKSERV_NAME,
                                             .account = find_account,
                                             .retry = retry};
    int rc = accounts_new(&settings->accounts, &services->accounts);

    if (rc == 0)
        rc = chat_service_add(services->world, NICKSERV_NAME, NICKSERV_NAME, settings->irc.server,
                              "Accounts and nicknames");
    if (rc == 0)
        rc = chat_service_add(services->world, CHANSERV_NAME, CHANSERV_NAME, settings->irc.server,
                              "Channels that stay");
    if (rc == 0)
        chat_world_put_ownership(services->world, &ownership);
    if (rc == 0)
        chat_world_put_policy(services->world, find_policy, services);
    if (rc == 0)
        accounts_watch(services->accounts, on_account, services);
    return rc;
}

int services_init(struct services *services, const struct services_settings *settings,
                  const struct chat_cloak_key *key)
{
    int rc;

    *services = (struct services){0};
    rc = chat_world_new(&settings->chat, NODE, &services->world);
    if (rc == 0)
        chat_world_put_name(services->world, settings->irc.server);
    if (rc == 0)
        rc = init_accounts(services, settings);
    if (rc == 0)
        rc = accounts_put_secret(services->accounts, key->bytes, sizeof key->bytes);
    if (rc == 0)
        rc = talk_new(services->world, &settings->talk, &services->talk);
    if (rc == 0)
        rc = irc_new(services->world, &settings->irc, key, &services->irc);
    if (rc == 0)
        rc = init_filters(services, &settings->filters);
    if (rc == 0)
        chat_defcon_configure(services->world, &settings->defcon);
    if (rc == 0)
        rc = lookups_new(&settings->lookup, settings->lookup_threads, &services->lookups);
    if (rc < 0) {
        services_deinit(services);
        return rc;
    }
    talk_put_key(services->talk, key);
    talk_set_lookups(services->talk, services->lookups);
    talk_set_accounts(services->talk, services->accounts);
    irc_set_lookups(services->irc, services->lookups);
    irc_set_accounts(services->irc, services->accounts);
    return 0;
}

int services_put_key(struct services *services, const struct chat_cloak_key *key)
{
    int rc = accounts_put_secret(services->accounts, key->bytes, sizeof key->bytes);

    if (rc < 0)
        return rc;
    irc_put_key(services->irc, key);
    talk_put_key(services->talk, key);
    return 0;
}

void services_stop(struct services *services)
{
    pl_timer_free(services->holds);
    pl_timer_free(services->kept);
    pl_timer_free(services->channels);
    services->holds = services->channels = services->kept = NULL;
    if (services->world)
        chat_kept_flush(services->world);
    lookups_stop(services->lookups);
}

void services_deinit(struct services *services)
{
    irc_free(services->irc);
    talk_free(services->talk);
    chat_world_free(services->world);
    accounts_free(services->accounts);
    lookups_free(services->lookups);
    *services = (struct services){0};
}

/* Puts all in force that can fail. */
static int apply(struct services *services, const struct services_settings *settings)
{
    struct chat_settings chat = settings->chat;
    struct chat_settings before;
    int rc;

    chat.accounts = accounts_are_kept(services->accounts);
    chat.history = chat_world_history(services->world) != NULL;
    chat_world_settings(services->world, &before);
    rc = chat_world_set_settings(services->world, &chat);
    if (rc < 0)
        return rc;
    rc = talk_set_settings(services->talk, &settings->talk);
    if (rc < 0)
        chat_world_set_settings(services->world, &before);
    return rc;
}

/* What an operator of that name has by the settings. */
static bool find_grant(struct chat_text name, struct chat_grant *grant, void *argument)
{
    const struct irc_settings *settings = argument;

    for (size_t i = 0; i < settings->oper_count; i++) {
        const struct irc_oper *oper = &settings->opers[i];

        if (!chat_text_equal(chat_text(oper->name), name))
            continue;
        *grant = (struct chat_grant){name, chat_text(oper->class), oper->rights};
        return true;
    }
    return false;
}

int services_apply(struct services *services, const struct services_settings *settings)
{
    struct lookup_rules *rules = lookup_rules_new(&settings->lookup);
    struct chat_filter_set *room = chat_filters_room();
    struct account_rules *accounts = account_rules_new(&settings->accounts);
    struct irc_snapshot *irc = NULL;
    int rc = rules && room && accounts ? irc_snapshot_new(&settings->irc, &irc) : -ENOMEM;

    if (rc == 0)
        rc = apply(services, settings);
    if (rc < 0) {
        account_rules_unref(accounts);
        irc_snapshot_unref(irc);
        chat_filters_room_free(room);
        lookup_rules_unref(rules);
        return rc;
    }
    put_filters(services, room, &settings->filters);
    chat_defcon_configure(services->world, &settings->defcon);
    accounts_put_rules(services->accounts, accounts);
    irc_put_settings(services->irc, irc);
    chat_presences_review(services->world);
    chat_review_opers(services->world, find_grant, (void *)(uintptr_t)&settings->irc);
    lookups_put(services->lookups, rules);
    return 0;
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
