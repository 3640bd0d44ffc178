/* SPDX-License-Identifier: MIT */
/* One room with people of both kinds: what who talks sees of IRC, and which rules hold for both. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

#define CONFIGURATION                                                                              \
    DAEMON_SERVER "listeners = ( " IRC_LISTENER ", { service = \"talk\"; port = 0; } );\n"

/* Alice uses IRC, has made #dev and runs it; Tom talks. Both are in #dev, Tom in #lobby, too. */
struct house {
    struct daemon *daemon;
    struct peer *alice;
    struct peer *tom;
};

static struct peer *talker(struct daemon *daemon, const char *nick)
{
    struct peer *peer = PEER_CONNECT(DAEMON_PORT(daemon, "talk", 0));

    irc_send(peer, "%s", nick);
    PEER_SKIP_TO(peer, "[0-9]+ (person|people) in #lobby: .*");
    return peer;
}

static struct house house_open(void)
{
    struct house house = {.daemon = DAEMON_START(CONFIGURATION, 2)};

    house.alice = irc_join_channel(house.daemon, "alice", "#dev");
    house.tom = talker(house.daemon, "tom");
    irc_send(house.tom, "/join #dev");
    PEER_SKIP_TO(house.tom, "2 people in #dev: alice tom");
    IRC_EXPECT_FROM(house.alice, "tom", "JOIN #dev");
    return house;
}

static void house_close(struct house *house)
{
    peer_close(house->tom);
    peer_close(house->alice);
    DAEMON_STOP(house->daemon);
}

/* Tom's next line is TEXT, behind the time. */
#define TOM_SEES(house, text) tom_sees(HERE, house, text)
static void tom_sees(struct place place, struct house *house, const char *text)
{
    char *line;
    int rc = peer_next_line(house->tom, &line);

    if (rc < 0)
        expect_fail(place, "no line, but %d", rc);
    if (strlen(line) < 8 || line[0] != '[' || strcmp(line + 8, text) != 0)
        expect_fail(place, "expected [HH:MM] %s, got %s", text, line);
}

/* Tom types that, and is answered with exactly one line. */
static void tom_is_told(struct house *house, const char *typed, const char *answer)
{
    irc_send(house->tom, "%s", typed);
    PEER_EXPECT_LINE(house->tom, answer);
}

/* Alice sets modes of #dev, which both see. */
static void set_modes(struct house *house, const char *modes, const char *seen)
{
    char text[200];

    irc_send(house->alice, "MODE #dev %s", modes);
    snprintf(text, sizeof(text), "MODE #dev %s", modes);
    IRC_EXPECT_FROM(house->alice, "alice", text);
    if (!seen)
        return;
    snprintf(text, sizeof(text), "* alice has changed the modes of #dev: %s", seen);
    TOM_SEES(house, text);
}

/* Nothing that Tom did reached Alice. */
#define ALICE_HEARS_NOTHING(house) IRC_EXPECT_NOTHING((house)->alice)

static void tom_leaves(struct house *house)
{
    irc_send(house->tom, "/leave");
    TOM_SEES(house, "* you have left #dev");
    PEER_EXPECT_LINE(house->tom, "You talk in #lobby now.");
    IRC_EXPECT_FROM(house->alice, "tom", "PART #dev");
}

static void tom_enters(struct house *house, const char *typed)
{
    irc_send(house->tom, "%s", typed);
    TOM_SEES(house, "* you have joined #dev");
    PEER_EXPECT_LINE(house->tom, "2 people in #dev: alice tom");
    IRC_EXPECT_FROM(house->alice, "tom", "JOIN #dev");
}

/* -- What is seen -------------------------------------------------------------------- */

static void both_hear_each_other(void)
{
    struct house house = house_open();

    irc_send(house.alice, "PRIVMSG #dev :hello");
    TOM_SEES(&house, "<alice> hello");
    irc_send(house.tom, "hello, Alice: how are you?");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :hello, Alice: how are you?");
    irc_send(house.alice, "PRIVMSG #dev :\001ACTION waves\001");
    TOM_SEES(&house, "* alice waves");
    irc_send(house.tom, "/me nods");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :\001ACTION nods\001");
    irc_send(house.alice, "NOTICE #dev beep");
    TOM_SEES(&house, "-alice- beep");
    irc_send(house.alice, "PRIVMSG tom :psst");
    TOM_SEES(&house, "alice tells you: psst");
    irc_send(house.tom, "/msg alice psst");
    TOM_SEES(&house, "you tell alice: psst");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG alice :psst");
    irc_send(house.tom, "/nick thomas");
    TOM_SEES(&house, "* you are now called thomas");
    IRC_EXPECT_FROM(house.alice, "tom", "NICK :thomas");
    irc_send(house.tom, "/quit tired");
    PEER_EXPECT_LINE(house.tom, "Goodbye.");
    PEER_EXPECT_END(house.tom);
    IRC_EXPECT_FROM(house.alice, "thomas", "QUIT :tired");
    house_close(&house);
}

static void what_irc_people_do_is_plain_text(void)
{
    struct house house = house_open();
    struct peer *bob = irc_join_channel(house.daemon, "bob", "#dev");

    TOM_SEES(&house, "* bob has joined #dev");
    irc_send(house.alice, "TOPIC #dev :ships and sails");
    TOM_SEES(&house, "* alice has set the topic of #dev: ships and sails");
    irc_send(house.alice, "TOPIC #dev :");
    TOM_SEES(&house, "* alice has cleared the topic of #dev");
    irc_send(house.alice, "AWAY :lunch");
    TOM_SEES(&house, "* alice is away (lunch)");
    irc_send(house.alice, "AWAY");
    TOM_SEES(&house, "* alice is back");
    irc_send(house.alice, "MODE #dev +l-t+ov 20 bob tom");
    TOM_SEES(&house, "* alice has changed the modes of #dev: +l 20, -t, +o bob, +v tom");
    irc_send(bob, "NICK Bobby");
    TOM_SEES(&house, "* bob is now called Bobby");
    irc_send(house.alice, "KICK #dev bobby :too loud");
    TOM_SEES(&house, "* alice has kicked Bobby out of #dev (too loud)");
    irc_send(bob, "JOIN #dev");
    TOM_SEES(&house, "* Bobby has joined #dev");
    irc_send(bob, "PART #dev :bye");
    TOM_SEES(&house, "* Bobby has left #dev (bye)");
    peer_close(bob);
    house_close(&house);
}

static void colours_and_questions_to_programs_are_not_shown(void)
{
    struct house house = house_open();

    irc_send(house.alice, "PRIVMSG #dev :\00304,01red\003 and \002bold\002 and \00400FF7Agreen");
    TOM_SEES(&house, "<alice> red and bold and green");
    irc_send(house.alice, "PRIVMSG tom :\001VERSION\001");
    irc_send(house.alice, "NOTICE #dev :\001PING 1\001");
    irc_send(house.alice, "TOPIC #dev :\00309green\003 and \037\303\244\037");
    TOM_SEES(&house, "* alice has set the topic of #dev: green and \303\244");
    tom_is_told(&house, "/topic", "Topic of #dev: green and \303\244 (set by alice)");
    house_close(&house);
}

static void who_is_away_says_so_to_who_talks(void)
{
    struct house house = house_open();

    irc_send(house.alice, "AWAY :lunch");
    PEER_EXPECT_MATCH(house.alice, ".* 306 alice .*");
    TOM_SEES(&house, "* alice is away (lunch)");
    irc_send(house.tom, "/msg alice hungry?");
    TOM_SEES(&house, "you tell alice: hungry? (away: lunch)");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG alice :hungry?");
    house_close(&house);
}

static void words_for_operators_alone_are_marked(void)
{
    struct house house = house_open();

    irc_send(house.alice, "PRIVMSG @#dev :secret");
    set_modes(&house, "+o tom", "+o tom");
    irc_send(house.alice, "PRIVMSG @#dev :known to operators");
    TOM_SEES(&house, "@#dev <alice> known to operators");
    house_close(&house);
}

/* -- What is obeyed ------------------------------------------------------------------- */

static void who_is_kicked_says_nothing_in_another_room(void)
{
    struct house house = house_open();
    struct peer *eve = talker(house.daemon, "eve");

    TOM_SEES(&house, "* eve has joined #lobby");
    irc_send(house.alice, "KICK #dev tom :enough");
    IRC_EXPECT_FROM(house.alice, "alice", "KICK #dev tom :enough");
    TOM_SEES(&house, "* alice has kicked you out of #dev (enough)");
    tom_is_told(&house, "why, Alice?", "You talk in no room; /join #room takes you to one.");
    tom_is_told(&house, "/msg #dev why?", "You are not in #dev.");
    tom_is_told(&house, "/join #lobby", "You talk in #lobby now.");
    irc_send(house.tom, "hello, Eve");
    PEER_EXPECT_MATCH(eve, ".* <tom> hello, Eve");
    tom_enters(&house, "/join #dev");
    peer_close(eve);
    house_close(&house);
}

static void a_moderated_room_is_for_those_with_voice(void)
{
    struct house house = house_open();

    set_modes(&house, "+m", "+m");
    tom_is_told(&house, "hello?", "You may not speak there.");
    tom_is_told(&house, "/me waves", "You may not speak there.");
    ALICE_HEARS_NOTHING(&house);
    set_modes(&house, "+v tom", "+v tom");
    irc_send(house.tom, "hello");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :hello");
    set_modes(&house, "+U-v tom", "+U, -v tom");
    irc_send(house.tom, "to operators");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :to operators");
    house_close(&house);
}

static void bans_hold_and_have_exceptions(void)
{
    struct house house = house_open();

    set_modes(&house, "+b tom!*@*", "+b tom!*@*");
    tom_is_told(&house, "hello?", "You may not speak there.");
    tom_leaves(&house);
    tom_is_told(&house, "/join #dev", "You are banned from #dev.");
    ALICE_HEARS_NOTHING(&house);
    set_modes(&house, "+e tom!*@*", NULL);
    tom_enters(&house, "/join #dev");
    irc_send(house.tom, "hello");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :hello");
    house_close(&house);
}

static void who_is_muted_stays_and_is_silent(void)
{
    struct house house = house_open();

    set_modes(&house, "+b m:tom!*@*", "+b m:tom!*@*");
    tom_is_told(&house, "hello?", "You may not speak there.");
    tom_leaves(&house);
    tom_enters(&house, "/join #dev");
    tom_is_told(&house, "hello?", "You may not speak there.");
    ALICE_HEARS_NOTHING(&house);
    set_modes(&house, "+v tom", "+v tom");
    irc_send(house.tom, "hello");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :hello");
    house_close(&house);
}

static void an_invitation_opens_a_room_once(void)
{
    struct house house = house_open();

    tom_leaves(&house);
    set_modes(&house, "+ik key", NULL);
    tom_is_told(&house, "/join #dev key", "Only who is invited enters #dev.");
    irc_send(house.alice, "INVITE tom #dev");
    PEER_EXPECT_LINE(house.alice, ":test.example 341 alice tom #dev");
    TOM_SEES(&house, "* alice invites you to #dev");
    tom_enters(&house, "/join #dev");
    tom_leaves(&house);
    tom_is_told(&house, "/join #dev key", "Only who is invited enters #dev.");
    ALICE_HEARS_NOTHING(&house);
    house_close(&house);
}

static void keys_limits_and_throttles_hold(void)
{
    struct house house = house_open();

    tom_leaves(&house);
    set_modes(&house, "+k sesame", NULL);
    tom_is_told(&house, "/join #dev", "#dev has a key: /join #room key");
    tom_is_told(&house, "/join #dev Sesame", "#dev has a key: /join #room key");
    tom_enters(&house, "/join #dev sesame");
    tom_leaves(&house);
    set_modes(&house, "-k *", NULL);
    set_modes(&house, "+l 1", NULL);
    tom_is_told(&house, "/join #dev", "#dev is full.");
    set_modes(&house, "-l", NULL);
    set_modes(&house, "+j 1:1000", NULL);
    tom_enters(&house, "/join #dev");
    tom_leaves(&house);
    tom_is_told(&house, "/join #dev", "Too many enter #dev just now; try again later.");
    ALICE_HEARS_NOTHING(&house);
    house_close(&house);
}

static void a_room_may_lead_to_another_one(void)
{
    struct house house = house_open();

    irc_send(house.alice, "JOIN #hall");
    PEER_SKIP_TO(house.alice, ".* 366 alice #hall .*");
    tom_leaves(&house);
    set_modes(&house, "+if #hall", NULL);
    irc_send(house.tom, "/join #dev");
    TOM_SEES(&house, "* #dev does not let you in, but #hall does");
    TOM_SEES(&house, "* you have joined #hall");
    PEER_EXPECT_LINE(house.tom, "2 people in #hall: alice tom");
    IRC_EXPECT_FROM(house.alice, "tom", "JOIN #hall");
    house_close(&house);
}

static void topics_are_the_operators(void)
{
    struct house house = house_open();

    tom_is_told(&house, "/topic mine", "Only operators of the room may do that.");
    tom_is_told(&house, "/topic -", "Only operators of the room may do that.");
    ALICE_HEARS_NOTHING(&house);
    set_modes(&house, "-t", "-t");
    irc_send(house.tom, "/topic mine");
    TOM_SEES(&house, "* you have set the topic of #dev: mine");
    IRC_EXPECT_FROM(house.alice, "tom", "TOPIC #dev :mine");
    irc_send(house.alice, "TOPIC #dev");
    PEER_EXPECT_LINE(house.alice, ":test.example 332 alice #dev :mine");
    PEER_EXPECT_MATCH(house.alice, ":test\\.example 333 alice #dev tom(!.*)? [0-9]{10}");
    house_close(&house);
}

static void secret_rooms_are_none_to_others(void)
{
    struct house house = house_open();

    set_modes(&house, "+s", "+s");
    tom_leaves(&house);
    tom_is_told(&house, "/who #dev", "There is no room #dev.");
    tom_is_told(&house, "/rooms", "1 room:");
    PEER_EXPECT_LINE(house.tom, "* #lobby (1)");
    irc_send(house.tom, "/who");
    PEER_EXPECT_LINE(house.tom, "1 person in #lobby: tom");
    house_close(&house);
}

static void rooms_are_for_members_unless_they_are_open(void)
{
    struct house house = house_open();

    tom_leaves(&house);
    tom_is_told(&house, "/msg #dev hello?", "You are not in #dev.");
    set_modes(&house, "-n", NULL);
    irc_send(house.tom, "/msg #dev hello");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :hello");
    house_close(&house);
}

static void who_is_not_seen_is_counted(void)
{
    struct house house = house_open();

    irc_send(house.alice, "MODE alice +i");
    PEER_EXPECT_MATCH(house.alice, ":alice.* MODE alice :\\+i");
    tom_is_told(&house, "/who", "2 people in #dev: alice tom");
    tom_leaves(&house);
    irc_send(house.tom, "/who #dev");
    PEER_EXPECT_LINE(house.tom, "1 person in #dev:");
    PEER_EXPECT_LINE(house.tom, "  and 1 whom you do not see");
    house_close(&house);
}

static void leaving_another_room_changes_nothing_here(void)
{
    struct house house = house_open();

    irc_send(house.tom, "/leave #lobby");
    TOM_SEES(&house, "* you have left #lobby");
    irc_send(house.tom, "still here");
    IRC_EXPECT_FROM(house.alice, "tom", "PRIVMSG #dev :still here");
    irc_send(house.tom, "/leave #dev");
    TOM_SEES(&house, "* you have left #dev");
    PEER_EXPECT_LINE(house.tom, "You talk in no room; /join #room takes you to one.");
    house_close(&house);
}

/* Who talks has made a room, and so runs it, as anybody would. */
static void who_makes_a_room_is_its_operator_whoever_it_is(void)
{
    struct house house = house_open();

    irc_send(house.tom, "/join #toms");
    PEER_SKIP_TO(house.tom, "1 person in #toms: tom");
    irc_send(house.alice, "JOIN #toms");
    PEER_SKIP_TO(house.alice, ":test\\.example 353 alice = #toms :@tom alice");
    PEER_SKIP_TO(house.alice, ".* 366 .*");
    irc_send(house.alice, "TOPIC #toms :mine");
    PEER_EXPECT_MATCH(house.alice, ":test\\.example 482 alice #toms .*");
    irc_send(house.tom, "/topic ours");
    IRC_EXPECT_FROM(house.alice, "tom", "TOPIC #toms :ours");
    house_close(&house);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"both hear each other", both_hear_each_other},
        {"what IRC people do is plain text", what_irc_people_do_is_plain_text},
        {"colours and questions to programs are not shown",
         colours_and_questions_to_programs_are_not_shown},
        {"who is away says so to who talks", who_is_away_says_so_to_who_talks},
        {"words for operators alone are marked", words_for_operators_alone_are_marked},
        {"who is kicked says nothing in another room", who_is_kicked_says_nothing_in_another_room},
        {"a moderated room is for those with voice", a_moderated_room_is_for_those_with_voice},
        {"bans hold and have exceptions", bans_hold_and_have_exceptions},
        {"who is muted stays and is silent", who_is_muted_stays_and_is_silent},
        {"an invitation opens a room once", an_invitation_opens_a_room_once},
        {"keys, limits and throttles hold", keys_limits_and_throttles_hold},
        {"a room may lead to another one", a_room_may_lead_to_another_one},
        {"topics are the operators'", topics_are_the_operators},
        {"secret rooms are none to others", secret_rooms_are_none_to_others},
        {"rooms are for members unless they are open", rooms_are_for_members_unless_they_are_open},
        {"who is not seen is counted", who_is_not_seen_is_counted},
        {"leaving another room changes nothing here", leaving_another_room_changes_nothing_here},
        {"who makes a room is its operator, whoever it is",
         who_makes_a_room_is_its_operator_whoever_it_is},
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_talk", tests);
}
