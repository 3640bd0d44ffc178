/* SPDX-License-Identifier: MIT */
/*
 * What people send to IRC: whatever it is, all that anybody is told are lines as the protocol wants
 * them (tests/lib/irc_said.h), a command with a label is answered with that label exactly once, a
 * person in talk sees clean text, and when all have gone the world is empty.
 *
 * An input is a script of lines, each ended by LF. Its first byte says what happens: the lower two
 * bits to whom, the upper four what: C a long silence (in which who bears Alice's nickname loses it), D time is up, E the connection ends and
 * another one begins, F a line was too long, anything else the rest of the line comes in. The last
 * one of the four talks, the others speak IRC. So
 *
 *     0NICK alice
 *     0USER alice 0 * :Alice
 *     0JOIN #room
 *     3tom
 *     3/join #room
 *
 * are alice and tom, who meet. MSGID in a line stands for the last id of a message that anybody was
 * told.
 */
#include "config.h"

#include "account/chanserv.h"
#include "base/password.h"
#include "base/utf8.h"
#include "chat/mask.h"
#include "chat/name.h"
#include "irc/cap.h"
#include "irc/client.h"
#include "irc/irc.h"
#include "irc/reply.h"
#include "talk/talk.h"
#include "tests/lib/fake_accounts.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/irc_said.h"

#include <locale.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 4
#define TALKER 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct chat_world *world;
static struct talk *talk;
static struct irc *irc;
static struct accounts accounts;
static struct pl_session *people[PEOPLE];
static char *lines[PEOPLE]; /* the last one that came in from each, in which a label may stand */

/* The last id of a message that anybody was told, for lines with MSGID in them. */
#define ID_MARK   "MSGID"
#define ID_LENGTH 32
static char last_id[ID_LENGTH + 1];

static void must(bool holds, const char *otherwise, struct chat_text line)
{
    if (holds)
        return;
    fprintf(stderr, "%s: %.*s\n", otherwise, (int)line.length, line.data);
    abort();
}

static const struct pl_service *service_of(int number)
{
    return number == TALKER ? &talk_service : &irc_service;
}

/*
 * The label that somebody's line asks for, and which answers there have been: until nothing is
 * being worked out for them any more.
 */
static struct expected {
    struct chat_text label; /* CHAT_NO_TEXT: none */
    bool several;           /* there may be others, as the line is too long, or several ones */
    unsigned labels;
    unsigned batches; /* open ones */
} expected[PEOPLE];

/* Whether a numeric is for somebody, or, as a knock is, for those who may open a channel. */
static bool is_for_somebody(const struct irc_said *said)
{
    struct chat_text whom = said->params[0];

    return chat_text_equal(whom, chat_text("*")) || chat_nick_check(whom, CHAT_NAME_MAX) == 0 ||
           (irc_said_is(said, "710") && chat_channel_check(whom, CHAT_NAME_MAX) == 0);
}

static void check_said(struct chat_text line, struct expected *due)
{
    struct irc_said said;
    const char *wrong = irc_said_parse(line, &said);
    struct chat_text label;

    must(!wrong, wrong, line);
    must(!said.numeric || is_for_somebody(&said), "a numeric for nobody", line);
    label = irc_said_tag(&said, "msgid");
    must(label.length == 0 || label.length == ID_LENGTH, "an id of another length", line);
    if (label.length > 0)
        memcpy(last_id, label.data, ID_LENGTH);
    label = irc_said_tag(&said, "label");
    if (label.data) {
        must(due->several || chat_text_equal(label, due->label), "a label that nobody gave", line);
        due->labels++;
    }
    if (irc_said_is(&said, "BATCH")) {
        must(said.count > 0 && said.params[0].length > 1, "a batch without a name", line);
        must(said.params[0].data[0] == '+' || due->batches > 0, "no batch is open", line);
        due->batches += said.params[0].data[0] == '+' ? 1 : -1u;
    }
}

static void check_output(int number)
{
    struct expected *due = &expected[number];
    size_t length;
    const char *text = fake_take(people[number], &length);

    if (number == TALKER) {
        must(text_is_clean(text, length) && (length == 0 || text[length - 1] == '\n'),
             "control characters, or half a line", (struct chat_text){text, length});
        return;
    }
    while (length > 0) {
        const char *end = memchr(text, '\n', length);
        struct chat_text line = {text, end ? (size_t)(end - text) : length};

        must(end && end > text && end[-1] == '\r', "half a line", line);
        line.length--;
        check_said(line, due);
        length -= (size_t)(end - text) + 1;
        text = end + 1;
    }
    if (fake_works(people[number]))
        return;
    must(due->batches == 0, "a batch stays open", due->label);
    must(!due->label.data || due->labels == 1, "a label that is not answered once", due->label);
    *due = (struct expected){.labels = 0};
}

static void check_all(void)
{
    for (int i = 0; i < PEOPLE; i++)
        check_output(i);
}

static void begin(int number)
{
    void *context = number == TALKER ? (void *)talk : (void *)irc;

    expected[number] = (struct expected){.labels = 0};
    people[number] = fake_new(context);
    if (service_of(number)->open(people[number], context) != 0)
        abort();
}

static void end(int number, enum pl_reason reason)
{
    if (reason != PL_REASON_CLOSED && !fake_ended(people[number]))
        service_of(number)->farewell(people[number], reason);
    check_output(number);
    service_of(number)->close(people[number], reason);
    while (fake_works(people[number]))
        fake_work(people[number], false);
    fake_free(people[number]);
    free(lines[number]);
    lines[number] = NULL;
}

static bool knows_labels(const struct irc_client *client)
{
    return (atomic_load(&client->caps) & IRC_CAPS_LABEL) == IRC_CAPS_LABEL;
}

/* The label of a line that must be answered with it; what is not sure is left to the reader. */
static struct chat_text label_of(int number, struct chat_text line)
{
    struct irc_message message;
    struct irc_tag tag;

    if (number == TALKER || memchr(line.data, '\r', line.length) ||
        !knows_labels(pl_session_data(people[number])) ||
        irc_message_parse(line, IRC_LINE_MAX, &message) != IRC_PARSED ||
        !irc_tag_find(message.tags, chat_text("label"), &tag) || tag.value.length == 0 ||
        tag.value.length > IRC_LABEL_MAX || !pli_utf8_is_valid(tag.value.data, tag.value.length))
        return CHAT_NO_TEXT;
    return tag.value;
}

/* Whether a line is one line, and not too long: then it has one label at most, which is known. */
static bool is_whole(struct chat_text line)
{
    struct irc_message message;

    return !memchr(line.data, '\r', line.length) &&
           irc_message_parse(line, IRC_LINE_MAX, &message) != IRC_TOO_LONG;
}

static void finish_work(int number)
{
    fake_work(people[number], !fake_ended(people[number]));
    while (fake_again(people[number]))
        if (!fake_ended(people[number]))
            irc_service.again(people[number]);
    check_output(number);
}

/* Puts the last id in the place of the first mark, and returns the new size; OUT has the room. */
static size_t put_id(const char *bytes, size_t size, char *out)
{
    const char *mark = memmem(bytes, size, ID_MARK, strlen(ID_MARK));
    size_t before = mark ? (size_t)(mark - bytes) : size;
    size_t behind = mark ? size - before - strlen(ID_MARK) : 0;

    memcpy(out, bytes, before);
    if (!mark)
        return size;
    memcpy(out + before, last_id, ID_LENGTH);
    memcpy(out + before + ID_LENGTH, mark + strlen(ID_MARK), behind);
    return before + ID_LENGTH + behind;
}

/* Those who have been woken, by what somebody else has done, go on. */
static void wake_all(void)
{
    for (int i = 0; i < PEOPLE; i++)
        while (i != TALKER && fake_again(people[i]))
            if (!fake_ended(people[i]))
                irc_service.again(people[i]);
}

/* Whether a message on several lines comes in, which has the label of what has begun it. */
static bool is_in_batch(int number)
{
    const struct irc_client *client = pl_session_data(people[number]);

    return number != TALKER && client->multiline;
}

static void take_in(int number, const char *bytes, size_t size)
{
    size_t stop = bytes[size - 1] != '\n' ? 0 : size > 1 && bytes[size - 2] == '\r' ? 2 : 1;
    struct pl_line line = {.text = bytes, .length = size - stop, .size = size};

    while (fake_works(people[number])) /* what waits behind it may be work, too */
        finish_work(number);
    if (fake_ended(people[number]) || memchr(bytes, '\0', size))
        return;
    expected[number].several = !is_whole((struct chat_text){line.text, line.length});
    expected[number].label = label_of(number, (struct chat_text){line.text, line.length});
    expected[number].several = expected[number].several || is_in_batch(number);
    service_of(number)->line(people[number], &line);
    if (expected[number].several || is_in_batch(number)) {
        expected[number].several = true;
        expected[number].label = CHAT_NO_TEXT;
    }
    while (fake_again(people[number]))
        if (!fake_ended(people[number]) && service_of(number)->again)
            service_of(number)->again(people[number]);
    check_output(number);
}

static void be_silent(int number)
{
    struct irc_client *client = pl_session_data(people[number]);

    chat_holds_expire(world, UINT64_MAX);
    if (number != TALKER && !fake_ended(people[number])) {
        client->heard = 0;
        irc_service.timer(people[number]);
    }
}

static void come_in(int number, const char *bytes, size_t size)
{
    char *last = lines[number];

    lines[number] = malloc(size + ID_LENGTH);
    if (!lines[number])
        abort();
    take_in(number, lines[number], put_id(bytes, size, lines[number]));
    free(last);
}

/* SIZE bytes are a step with its LF, which the last one may lack. */
static void step(const char *bytes, size_t size)
{
    unsigned char what = (unsigned char)bytes[0];
    struct pl_line head = {.text = bytes, .length = size, .size = size};
    int number = what % PEOPLE;

    switch (what >> 4) {
    case 0xC:
        be_silent(number);
        break;
    case 0xD:
        if (!fake_ended(people[number]))
            service_of(number)->timer(people[number]);
        break;
    case 0xE:
        end(number, (enum pl_reason)(size > 1 ? (unsigned char)bytes[1] % 16 : 0));
        begin(number);
        break;
    case 0xF:
        expected[number].several = is_in_batch(number);
        if (!fake_ended(people[number]))
            service_of(number)->fault(people[number], PL_FAULT_TOO_LONG, &head);
        break;
    default:
        if (size > 1)
            come_in(number, bytes + 1, size - 1);
        break;
    }
}

static void run(const char *script, size_t size)
{
    while (size > 0) {
        const char *newline = memchr(script, '\n', size);
        size_t length = newline ? (size_t)(newline - script) + 1 : size;

        step(script, length);
        wake_all();
        check_all();
        script += length;
        size -= length;
    }
}

/* A configuration that is right every other time. */
static int reload(void *context, char **messages)
{
    unsigned *times = context;

    *messages = ++*times % 2 ? NULL : strdup("fuzz.conf:1: nothing is right\nand more\n");
    return *times % 2 ? 0 : 1;
}

static void stop(void *context, bool again)
{
    (void)context;
    (void)again;
}

static bool may_restart(void *context, const char **why_not)
{
    const unsigned *reloads = context;

    *why_not = "It is being tested.";
    return *reloads % 2 == 0;
}

static char *report(void *context, enum irc_report what)
{
    (void)context;
    (void)what;
    return strdup("one: 1\ntwo: 2\n");
}

/* The password is "right", and does not take long. */
static void name_operator(struct irc_oper *oper)
{
    *oper = (struct irc_oper){.name = "root",
                              .class = "",
                              .from = "",
                              .rights = CHAT_RIGHTS_ALL,
                              .password = {.iterations = 1, .salt_length = 1}};
    if (pli_password_derive(&oper->password, "right", strlen("right")) != 0)
        abort();
}

static bool find_owner(void *context, struct chat_text nick, char owner[static CHAT_NAME_MAX + 1])
{
    (void)context;
    strcpy(owner, FAKE_ACCOUNT);
    return chat_text_same(nick, chat_text(FAKE_ACCOUNT));
}

/* Everything does. */
static unsigned what_holds(void *context, struct chat_text account)
{
    (void)context;
    (void)account;
    return CHAT_SHARES | CHAT_ALWAYS_ON | CHAT_AUTO_AWAY;
}

static void open_accounts(void)
{
    static const struct chat_ownership ownership = {.owner = find_owner, .service = NICKSERV_NAME};

    if (!accounts.mechanisms && fake_accounts_init(&accounts) != 0)
        abort();
    accounts.plain_text = true;
    if (chat_service_add(world, NICKSERV_NAME, NICKSERV_NAME, "fuzz.example", "Names") != 0)
        abort();
    if (chat_service_add(world, CHANSERV_NAME, CHANSERV_NAME, "fuzz.example", "Channels") != 0)
        abort();
    chat_world_put_ownership(world, &ownership);
    chat_world_put_policy(world, what_holds, NULL);
    irc_set_accounts(irc, &accounts);
}

/* Names are short, so that little input makes them clash, and lists and rooms are soon full. */
static void open_house(void)
{
    static const struct chat_settings limits = {.nick_length = 9,
                                                .channel_length = 12,
                                                .topic_length = 390,
                                                .channels_per_user = 4,
                                                .masks_per_list = 3,
                                                .sessions = 2,
                                                .redact_messages = 16,
                                                .accounts = true,
                                                .nick_grace = 60,
                                                .fixed_channel = "#lobby"};
    static const struct talk_settings talk_settings = {.network = "Fuzz",
                                                       .motd = "one\n",
                                                       .lobby = "#lobby",
                                                       .registration_timeout = 60,
                                                       .flood_rate = 10,
                                                       .flood_burst = 40};
    static unsigned reloads;
    static struct irc_oper oper;
    static const struct irc_settings irc_settings = {.server = "fuzz.example",
                                                     .network = "Fuzz",
                                                     .description = "For every input",
                                                     .contact = "",
                                                     .icon = "",
                                                     .password = "",
                                                     .motd = "one\ntwo\n",
                                                     .line = 512,
                                                     .registration_timeout = 60,
                                                     .ping_interval = 120,
                                                     .flood_rate = 10,
                                                     .flood_burst = 40,
                                                     .opers = &oper,
                                                     .oper_count = 1};
    static const struct irc_host host = {reload, stop, may_restart, report, &reloads, "fuzz.conf"};
    static const struct chat_cloak_key key = {"the same key in every run"};

    reloads = 0;
    memset(last_id, '0', ID_LENGTH);
    name_operator(&oper);
    if (chat_world_new(&limits, 1, &world) != 0 || talk_new(world, &talk_settings, &talk) != 0 ||
        irc_new(world, &irc_settings, &key, &irc) != 0 || !setlocale(LC_CTYPE, "C.UTF-8"))
        abort();
    irc_set_host(irc, &host);
    open_accounts();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    open_house();
    for (int i = 0; i < PEOPLE; i++)
        begin(i);
    run((const char *)data, size);
    for (int i = 0; i < PEOPLE; i++)
        end(i, PL_REASON_EOF);
    talk_free(talk);
    irc_free(irc);
    chat_world_free(world);
    return 0;
}
