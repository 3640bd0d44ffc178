/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "daemon/services.h"
#include "irc/cap.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <paceline.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;

static struct config *configure(const char *text)
{
    struct config_errors errors;
    struct config *config;

    folder = folder_new();
    CU_ASSERT_FATAL(folder != NULL);
    config_errors_init(&errors);
    CU_ASSERT_FATAL(config_load_text("test.conf", text, strlen(text), &config, &errors) == 0);
    return config;
}

static void end(struct config *config)
{
    config_unref(config);
    folder_remove(folder);
}

/* Writes a file of SIZE times BYTE. */
static void write_file(const char *name, char byte, size_t size)
{
    char *path = folder_path(folder, name);
    FILE *file = fopen(path, "w");

    CU_ASSERT_FATAL(file != NULL);
    while (size-- > 0)
        CU_ASSERT_FATAL(fputc(byte, file) != EOF);
    CU_ASSERT_FATAL(fclose(file) == 0);
    free(path);
}

static void settings_are_what_the_configuration_says(void)
{
    struct config *config = configure("server: { network = \"Testnet\"; motd = \"motd\"; };\n"
                                      "limits: { nick_length = 7; channel_length = 8;\n"
                                      " topic_length = 9; channels_per_user = 10;\n"
                                      " masks_per_list = 14; watched_nicks = 15;\n"
                                      " registration_timeout = 11; flood_rate = 12;\n"
                                      " flood_burst = 13; };\n"
                                      "talk: { lobby = \"#hall\"; };\n");
    struct services_settings settings;
    struct config_errors errors;

    config_errors_init(&errors);
    write_file("motd", 'x', 5);
    CU_ASSERT_FATAL(services_read(&settings, config, folder, &errors) == 0);
    CU_ASSERT_EQUAL(settings.chat.nick_length, 7);
    CU_ASSERT_EQUAL(settings.chat.channel_length, 8);
    CU_ASSERT_EQUAL(settings.chat.topic_length, 9);
    CU_ASSERT_EQUAL(settings.chat.channels_per_user, 10);
    CU_ASSERT_EQUAL(settings.chat.masks_per_list, 14);
    CU_ASSERT_EQUAL(settings.chat.watched_nicks, 15);
    CU_ASSERT_EQUAL(settings.talk.registration_timeout, 11);
    CU_ASSERT_EQUAL(settings.talk.flood_rate, 12);
    CU_ASSERT_EQUAL(settings.talk.flood_burst, 13);
    CU_ASSERT_STRING_EQUAL(settings.talk.network, "Testnet");
    CU_ASSERT_STRING_EQUAL(settings.talk.lobby, "#hall");
    CU_ASSERT_STRING_EQUAL(settings.talk.motd, "xxxxx");
    services_settings_deinit(&settings);
    end(config);
}

/* What is said of a message of the day of SIZE times BYTE, with the name that is asked for. */
static bool is_refused(const char *name, char byte, size_t size, const char *reason)
{
    struct config *config = configure("server: {\n motd = \"motd\"; };\n");
    struct services_settings settings;
    struct config_errors errors;
    bool refused;

    config_errors_init(&errors);
    write_file(name, byte, size);
    refused = services_read(&settings, config, folder, &errors) == CONFIG_INVALID &&
              errors.count == 1 &&
              strncmp(errors.messages[0], "test.conf:2: server.motd: ", 26) == 0 &&
              strstr(errors.messages[0], reason) != NULL;
    if (errors.count == 0)
        services_settings_deinit(&settings);
    config_errors_deinit(&errors);
    end(config);
    return refused;
}

/* What is said of capabilities that are to be switched off, or NULL. */
static bool says_of_capabilities(const char *names, const char *message, unsigned caps)
{
    struct services_settings settings;
    struct config_errors errors;
    struct config *config;
    char text[100];
    bool said;

    snprintf(text, sizeof text, "\nirc: { capabilities_off = \"%s\"; };\n", names);
    config = configure(text);
    config_errors_init(&errors);
    if (services_read(&settings, config, folder, &errors) == 0) {
        said = !message && settings.irc.caps_off == caps;
        services_settings_deinit(&settings);
    } else {
        said = message && errors.count == 1 && strcmp(errors.messages[0], message) == 0;
    }
    config_errors_deinit(&errors);
    end(config);
    return said;
}

static void capabilities_to_switch_off_have_to_be_there(void)
{
    CU_ASSERT(says_of_capabilities("", NULL, 0));
    CU_ASSERT(says_of_capabilities(" setname  chghost ", NULL, IRC_CAP_SETNAME | IRC_CAP_CHGHOST));
    CU_ASSERT(says_of_capabilities("setname chghosts",
                                   "test.conf:2: irc.capabilities_off: there is no capability "
                                   "\"chghosts\" to switch off",
                                   0));
    CU_ASSERT(says_of_capabilities("cap-notify",
                                   "test.conf:2: irc.capabilities_off: there is no capability "
                                   "\"cap-notify\" to switch off",
                                   0));
}

static void a_message_that_is_none_is_refused(void)
{
    CU_ASSERT(is_refused("other", 'x', 1, strerror(ENOENT)));
    CU_ASSERT(is_refused("motd", '\0', 1, "no text"));
    CU_ASSERT(is_refused("motd", 'x', 65537, strerror(EFBIG)));
    CU_ASSERT(!is_refused("motd", 'x', 65536, ""));
}

static void services_are_found_by_name(void)
{
    struct config *config = configure("");
    struct services_settings settings;
    struct config_errors errors;
    struct chat_cloak_key key;
    struct services services;
    void *context;

    config_errors_init(&errors);
    CU_ASSERT_FATAL(chat_cloak_key_make(&key) == 0);
    CU_ASSERT_FATAL(services_read(&settings, config, NULL, &errors) == 0);
    CU_ASSERT_FATAL(services_init(&services, &settings, &key) == 0);
    CU_ASSERT_STRING_EQUAL(services_find(&services, "talk", &context)->name, "talk");
    CU_ASSERT(context == services.talk);
    CU_ASSERT_STRING_EQUAL(services_find(&services, "irc", &context)->name, "irc");
    CU_ASSERT(context == services.irc);
    CU_ASSERT_STRING_EQUAL(services_find(&services, "echo", &context)->name, "echo");
    services_settings_deinit(&settings);
    services_deinit(&services);
    end(config);
}

static void failed_allocations_are_passed_on(void)
{
    struct config *config = configure("server: { motd = \"motd\"; };\n");
    struct config_errors errors;
    struct chat_cloak_key key;
    bool done = false;
    long n;

    config_errors_init(&errors);
    write_file("motd", 'x', 100);
    CU_ASSERT_FATAL(chat_cloak_key_make(&key) == 0);
    for (n = 1; !done; n++) {
        struct services_settings settings = {0};
        struct services services = {0};
        int rc;

        failmalloc_after(n);
        rc = services_read(&settings, config, folder, &errors);
        if (rc == 0)
            rc = services_init(&services, &settings, &key);
        if (rc == 0)
            rc = services_apply(&services, &settings);
        done = !failmalloc_fired();
        failmalloc_off();
        CU_ASSERT_EQUAL(rc, done ? 0 : -ENOMEM);
        services_settings_deinit(&settings);
        services_deinit(&services);
    }
    CU_ASSERT(n > 5);
    CU_ASSERT(errors.count == 0);
    config_errors_deinit(&errors);
    end(config);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"settings are what the configuration says", settings_are_what_the_configuration_says},
        {"capabilities to switch off have to be there",
         capabilities_to_switch_off_have_to_be_there},
        {"a message that is none is refused", a_message_that_is_none_is_refused},
        {"services are found by name", services_are_found_by_name},
        {"failed allocations are passed on", failed_allocations_are_passed_on},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "services", tests);
}
