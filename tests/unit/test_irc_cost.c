/* SPDX-License-Identifier: MIT */
/* What lines cost (irc/cost.h), and that who has spent too much is slowed. */
#include "config.h"

#include "irc/cost.h"

#include "irc/irc.h"
#include "tests/lib/fake_session.h"
#include "tests/lib/unit.h"

#include <stdio.h>

#define PEOPLE 100 /* in #crowd */

static const struct chat_settings limits = {.nick_length = 32,
                                            .channel_length = 64,
                                            .topic_length = 300,
                                            .masks_per_list = 100,
                                            .watched_nicks = 100};
static struct irc_settings settings = {.server = "test.example",
                                       .network = "Test",
                                       .description = "",
                                       .contact = "",
                                       .icon = "",
                                       .password = "",
                                       .motd = "",
                                       .line = 4096};

static struct chat_world *world;
static struct irc *irc;
static struct pl_session *alice, *people[PEOPLE];

static unsigned cost_of(struct pl_session *session, const char *line)
{
    unsigned cost = irc_command_line(pl_session_data(session), chat_text(line));

    while (fake_again(session))
        irc_service.again(session);
    return cost;
}

static struct pl_session *comes(const char *nick)
{
    struct pl_session *session = fake_new(irc);
    char line[100];

    CU_ASSERT_EQUAL_FATAL(irc_service.open(session, irc), 0);
    snprintf(line, sizeof line, "NICK %s", nick);
    CU_ASSERT_EQUAL(cost_of(session, line), 2);
    CU_ASSERT(cost_of(session, "USER u 0 * :Real") > 1); /* it is answered at length */
    return session;
}

static void begin(void)
{
    struct chat_cloak_key key = {"key"};
    char nick[20];

    CU_ASSERT_EQUAL_FATAL(chat_world_new(&limits, 1, &world), 0);
    CU_ASSERT_EQUAL_FATAL(irc_new(world, &settings, &key, &irc), 0);
    alice = comes("alice");
    cost_of(alice, "JOIN #a");
    for (int i = 0; i < PEOPLE; i++) {
        snprintf(nick, sizeof nick, "person%d", i);
        people[i] = comes(nick);
        cost_of(people[i], "JOIN #crowd");
    }
}

static void goes(struct pl_session *session)
{
    irc_service.close(session, PL_REASON_EOF);
    fake_free(session);
}

static void end(void)
{
    goes(alice);
    for (int i = 0; i < PEOPLE; i++)
        goes(people[i]);
    irc_free(irc);
    chat_world_free(world);
}

struct price {
    const char *line;
    unsigned cost;
};

static void expect_each(const struct price *prices)
{
    begin();
    for (; prices->line; prices++) {
        unsigned cost = cost_of(alice, prices->line);

        if (cost != prices->cost)
            printf("\n%s: %u, not %u", prices->line, cost, prices->cost);
        CU_ASSERT_EQUAL(cost, prices->cost);
    }
    end();
}

static void commands_weigh_differently(void)
{
    static const struct price prices[] = {
        {"", 0},
        {"PONG :test.example", 0},
        {"PING x", 1},
        {"NONSENSE", 1},
        {"PRIVMSG #a :hi", 1},
        {"PRIVMSG #b :hi", 1},
        {"TOPIC #a :of us", 1},
        {"MODE #a", 1},
        {"MODE #a +m", 1},
        {"ISON a b c d e f g", 1},
        {"AWAY :lunch", 2},
        {"NICK alicia", 2},
        {"JOIN #b", 2},
        {"PART #b", 1},
        {"INVITE person1 #a", 2},
        {"KICK #a person1", 2},
        {"WHOIS person1", 2},
        {"WHOWAS person1", 2},
        {"MONITOR + person1", 2},
        {"WHO person1", 3},
        {"KNOCK #crowd", 4},
        {"LIST", 4},
        {"OPER somebody something", 5},
        {NULL, 0},
    };

    expect_each(prices);
}

static void who_names_many_pays_for_them(void)
{
    static const struct price prices[] = {
        {"JOIN #1,#2,#3,#4,#5", 2 + 4 + 1}, /* each is answered by 353 and 366 */
        {"PART #1,,#2,#3,#4,#5,", 1 + 4},
        {"JOIN 0", 2},
        {"JOIN #a", 2},
        {"PRIVMSG person1,person2,person3,person4 :hi", 1 + 3},
        {"NOTICE person1,person2,person3,person4 :hi", 1 + 3},
        /* One too many is left out. */
        {"PRIVMSG person1,person2,person3,person4,a,b,c,d,e :hi", 1 + 3},
        {"KICK #a a,b,c,d,e :none is there", 2 + 4},
        {"NAMES #x,#y,#z,#v,#w", 2 + 1},
        {"LIST *a*,*b*,*c*,*d*,>1", 4 + 1},
        {"ACCEPT person1,person2,person3,person4,person5", 1 + 1},
        {"MONITOR + a,b,c,d,e,f,g,h", 2},
        {"MONITOR + a1,b1,c1,d1,e1,f1,g1,h1,i1", 2 + 1},
        {NULL, 0},
    };

    expect_each(prices);
}

static void long_answers_are_paid_for(void)
{
    char unknown[500] = "MODE #a +";
    unsigned names, who, first;

    begin();
    memset(unknown + strlen(unknown), 'x', 400);
    CU_ASSERT_EQUAL(cost_of(alice, unknown), 1 + 400 / IRC_LINES_FOR_ONE);
    names = cost_of(people[0], "NAMES #crowd"); /* some people a line */
    CU_ASSERT(names >= 2);
    CU_ASSERT(names < 2 + PEOPLE / IRC_LINES_FOR_ONE);
    who = cost_of(people[0], "WHO #crowd"); /* one a line; the rest comes in parts */
    CU_ASSERT(who > 3);
    CU_ASSERT(who <= 3 + (PEOPLE + 1) / IRC_LINES_FOR_ONE);
    first = cost_of(alice, "MODE #a +bbb a b c");
    CU_ASSERT_EQUAL(first, 1);
    for (int i = 0; i < 13; i++)
        cost_of(alice, "MODE #a +b mask");
    CU_ASSERT_EQUAL(cost_of(alice, "MODE #a b"), 1);
    CU_ASSERT_EQUAL(cost_of(alice, "MODE #a +bbbb d e f g"), 1);
    CU_ASSERT_EQUAL(cost_of(alice, "MODE #a b"), 1 + 1); /* eight masks, and their end */
    end();
}

static void types(struct pl_session *session, const char *text)
{
    struct pl_line line = {.text = text, .length = strlen(text), .size = strlen(text) + 2};

    irc_service.line(session, &line);
}

/* With a token in a thousand seconds no time passes here. */
static void who_has_spent_the_burst_is_slowed(void)
{
    settings.flood_rate = 1;
    settings.flood_burst = 60;
    begin();
    types(alice, "JOIN #1,#2,#3,#4,#5,#6,#7,#8,#9");
    CU_ASSERT_EQUAL(fake_slowed(alice), 0);
    for (int i = 0; i < 2; i++)
        types(alice, "LIST *1,*2,*3,*4,*5,*6,*7,*8,*9");
    CU_ASSERT_EQUAL(fake_slowed(alice), 0);
    types(people[1], "PING x");
    CU_ASSERT_EQUAL(fake_slowed(people[1]), 0);
    for (int i = 0; i < 6; i++)
        types(alice, "JOIN #1,#2,#3,#4,#5,#6,#7,#8,#9,#10,#11,#12,#13,#14,#15,#16,#17,#18,#19");
    CU_ASSERT(fake_slowed(alice) > 0);
    types(people[1], "PING x"); /* each has a budget of their own */
    CU_ASSERT_EQUAL(fake_slowed(people[1]), 0);
    end();
    settings.flood_rate = settings.flood_burst = 0;
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"commands weigh differently", commands_weigh_differently},
        {"who names many pays for them", who_names_many_pays_for_them},
        {"long answers are paid for", long_answers_are_paid_for},
        {"who has spent the burst is slowed", who_has_spent_the_burst_is_slowed},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "what IRC's commands cost", tests);
}
