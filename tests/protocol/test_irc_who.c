/* SPDX-License-Identifier: MIT */
/* IRC: WHO, with and without fields, WHOIS and WHOWAS. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>

#define HOST "[a-z2-7]{8}\\.[a-z2-7]{8}\\.[a-z2-7]{8}\\.ip"

/* The people of most tests: alice is operator of #a, bob is there, too, carol is nowhere. */
struct people {
    struct daemon *daemon;
    struct peer *alice, *bob, *carol;
};

static struct people begin(void)
{
    struct people people = {.daemon = IRC_START("limits: { flood_rate = 0; };\n")};

    people.alice = irc_join_channel(people.daemon, "alice", "#a");
    people.bob = irc_join_channel(people.daemon, "bob", "#a");
    IRC_EXPECT_FROM(people.alice, "bob", "JOIN #a");
    people.carol = irc_join(people.daemon, "carol", NULL);
    return people;
}

static void end(struct people *people)
{
    peer_close(people->alice);
    peer_close(people->bob);
    peer_close(people->carol);
    DAEMON_STOP(people->daemon);
}

/* A WHO that finds exactly one, of whom the line says CHANNEL and FLAGS. */
static void finds_one(struct peer *peer, const char *me, const char *mask, const char *channel,
                      const char *nick, const char *flags)
{
    char line[400];

    irc_send(peer, "WHO :%s", mask);
    snprintf(line, sizeof line,
             ":test\\.example 352 %s %s ~%s " HOST " test\\.example %s %s :0 Real %s", me, channel,
             nick, nick, flags, nick);
    PEER_EXPECT_MATCH(peer, line);
    snprintf(line, sizeof line, ":test.example 315 %s %s :End of /WHO list", me,
             strchr(mask, ' ') ? "*" : mask);
    PEER_EXPECT_LINE(peer, line);
}

static void finds_nobody(struct peer *peer, const char *me, const char *parameters,
                         const char *mask)
{
    char line[400];

    irc_send(peer, "WHO %s", parameters);
    snprintf(line, sizeof line, ":test.example 315 %s %s :End of /WHO list", me, mask);
    PEER_EXPECT_LINE(peer, line);
}

/* A WHO of bob's that finds all three, in any order. */
static void finds_all(struct peer *bob, const char *mask)
{
    char line[200];

    irc_send(bob, "WHO %s", mask);
    for (int i = 0; i < 3; i++)
        PEER_EXPECT_MATCH(bob, ":test\\.example 352 bob (#a ~alice .* H@|#a ~bob .* H|"
                               "\\* ~carol .* H) :0 Real .*");
    snprintf(line, sizeof line, ":test.example 315 bob %s :End of /WHO list", mask);
    PEER_EXPECT_LINE(bob, line);
}

static void who_lists_a_channel(void)
{
    struct people people = begin();
    struct peer *bob = people.bob;

    irc_send(bob, "WHO #A");
    PEER_EXPECT_MATCH(bob, ":test\\.example 352 bob #a ~alice " HOST " test\\.example alice H@ "
                           ":0 Real alice");
    PEER_EXPECT_MATCH(bob, ":test\\.example 352 bob #a ~bob " HOST " test\\.example bob H "
                           ":0 Real bob");
    PEER_EXPECT_LINE(bob, ":test.example 315 bob #A :End of /WHO list");
    irc_send(people.carol, "WHO #a");
    PEER_EXPECT_MATCH(people.carol, ":test\\.example 352 carol #a .*");
    PEER_EXPECT_MATCH(people.carol, ":test\\.example 352 carol #a .*");
    PEER_EXPECT_LINE(people.carol, ":test.example 315 carol #a :End of /WHO list");
    finds_nobody(bob, "bob", "#none", "#none");
    irc_send(bob, "WHO");
    PEER_EXPECT_LINE(bob, ":test.example 461 bob WHO :Not enough parameters");
    finds_nobody(bob, "bob", ":", "*");
    end(&people);
}

static void who_finds_by_any_name_somebody_has(void)
{
    struct people people = begin();
    struct peer *bob = people.bob;

    finds_one(bob, "bob", "alice", "#a", "alice", "H@");
    finds_one(bob, "bob", "ALICE", "#a", "alice", "H@");
    finds_one(bob, "bob", "al?ce", "#a", "alice", "H@");
    finds_one(bob, "bob", "~car*", "\\*", "carol", "H");
    finds_one(bob, "bob", "Real c*", "\\*", "carol", "H");
    finds_one(bob, "bob", "real carol", "\\*", "carol", "H");
    finds_one(bob, "bob", "c*!*@*.ip", "\\*", "carol", "H");
    finds_one(bob, "bob", "*!~bob@*", "#a", "bob", "H");
    finds_one(people.carol, "carol", "alice", "#a", "alice", "H@");
    finds_all(bob, "*");
    finds_all(bob, "0");
    finds_all(bob, "*.ip");
    finds_all(bob, "test.ex*");
    finds_all(bob, "TEST.example");
    finds_nobody(bob, "bob", "nobody", "nobody");
    finds_nobody(bob, "bob", "n*body", "n*body");
    end(&people);
}

static void by_address_one_finds_oneself_only(void)
{
    struct people people = begin();

    finds_one(people.bob, "bob", "127.0.?.1", "#a", "bob", "H");
    end(&people);
}

static void the_invisible_are_found_by_their_company_only(void)
{
    struct people people = begin();

    irc_send(people.alice, "MODE alice +i");
    IRC_EXPECT_FROM(people.alice, "alice", "MODE alice :+i");
    finds_one(people.bob, "bob", "al*", "#a", "alice", "H@");
    finds_nobody(people.carol, "carol", "al*", "al*");
    irc_send(people.carol, "WHO #a");
    PEER_EXPECT_MATCH(people.carol, ":test\\.example 352 carol #a ~bob .*");
    PEER_EXPECT_LINE(people.carol, ":test.example 315 carol #a :End of /WHO list");
    /* Who knows the name may know that they are there, but not where. */
    finds_one(people.carol, "carol", "alice", "\\*", "alice", "H");
    end(&people);
}

static void channels_that_are_not_shown_stay_unknown(void)
{
    struct people people = begin();

    for (const char *mode = "sp"; *mode; mode++) {
        irc_send(people.alice, "MODE #a +%c", *mode);
        PEER_SKIP_TO(people.alice, ".* MODE #a .*");
        IRC_EXPECT_FROM(people.bob, "alice", *mode == 's' ? "MODE #a +s" : "MODE #a +p");
        finds_nobody(people.carol, "carol", "#a", "#a");
        finds_one(people.carol, "carol", "bo*", "\\*", "bob", "H");
        finds_one(people.bob, "bob", "al*", "#a", "alice", "H@");
        irc_send(people.carol, "WHOIS alice");
        PEER_EXPECT_MATCH(people.carol, ":test\\.example 311 .*");
        PEER_EXPECT_MATCH(people.carol, ":test\\.example 312 .*");
        PEER_SKIP_TO(people.carol, ".* 318 .*");
        irc_send(people.alice, "MODE #a -%c", *mode);
        PEER_SKIP_TO(people.alice, ".* MODE #a .*");
        IRC_EXPECT_FROM(people.bob, "alice", *mode == 's' ? "MODE #a -s" : "MODE #a -p");
    }
    end(&people);
}

static void flags_tell_who_is_away_and_what_they_are(void)
{
    struct people people = begin();

    irc_send(people.bob, "AWAY :out");
    PEER_SKIP_TO(people.bob, ".* 306 .*");
    irc_send(people.bob, "MODE bob +B");
    IRC_EXPECT_FROM(people.bob, "bob", "MODE bob :+B");
    irc_send(people.alice, "MODE #a +v alice");
    IRC_EXPECT_FROM(people.alice, "alice", "MODE #a +v alice");
    IRC_EXPECT_FROM(people.bob, "alice", "MODE #a +v alice");
    finds_one(people.carol, "carol", "bob", "#a", "bob", "GB");
    irc_send(people.alice, "MODE alice +B");
    IRC_EXPECT_FROM(people.alice, "alice", "MODE alice :+B");
    finds_one(people.carol, "carol", "alice", "#a", "alice", "H@B");
    irc_send(people.alice, "MODE alice -B");
    IRC_EXPECT_FROM(people.alice, "alice", "MODE alice :-B");
    finds_one(people.carol, "carol", "alice", "#a", "alice", "H@");
    irc_send(people.carol, "CAP REQ multi-prefix");
    PEER_SKIP_TO(people.carol, ".* CAP .* ACK .*");
    finds_one(people.carol, "carol", "alice", "#a", "alice", "H@\\+");
    finds_nobody(people.carol, "carol", "* o", "*");
    finds_nobody(people.carol, "carol", "#a o%n", "#a");
    end(&people);
}

static void whox_tells_the_fields_that_are_asked_for(void)
{
    struct people people = begin();
    struct peer *bob = people.bob;

    irc_send(bob, "WHO alice %%tcuihsnfdlaor,123");
    PEER_EXPECT_MATCH(bob, ":test\\.example 354 bob 123 #a ~alice 255\\.255\\.255\\.255 " HOST
                           " test\\.example alice H@ 0 [0-9]+ 0 n/a :Real alice");
    PEER_EXPECT_LINE(bob, ":test.example 315 bob alice :End of /WHO list");
    irc_send(bob, "WHO bob %%roaldfnshiuct,7");
    PEER_EXPECT_MATCH(bob, ":test\\.example 354 bob 7 #a ~bob 127\\.0\\.0\\.1 " HOST
                           " test\\.example bob H 0 [0-9]+ 0 n/a :Real bob");
    PEER_EXPECT_LINE(bob, ":test.example 315 bob bob :End of /WHO list");
    irc_send(bob, "WHO #a %%zna");
    PEER_EXPECT_LINE(bob, ":test.example 354 bob alice 0");
    PEER_EXPECT_LINE(bob, ":test.example 354 bob bob 0");
    PEER_EXPECT_LINE(bob, ":test.example 315 bob #a :End of /WHO list");
    irc_send(bob, "WHO carol %%c");
    PEER_EXPECT_LINE(bob, ":test.example 354 bob *");
    PEER_EXPECT_LINE(bob, ":test.example 315 bob carol :End of /WHO list");
    end(&people);
}

/* The token that an answer has for one that was given. */
static void token_becomes(struct peer *peer, const char *given, const char *token)
{
    char line[100];

    irc_send(peer, "WHO bob %%tn%s", given);
    snprintf(line, sizeof line, ":test.example 354 bob %s bob", token);
    PEER_EXPECT_LINE(peer, line);
    PEER_EXPECT_LINE(peer, ":test.example 315 bob bob :End of /WHO list");
}

static void whox_tokens_have_three_digits_at_most(void)
{
    struct people people = begin();

    token_becomes(people.bob, ",1", "1");
    token_becomes(people.bob, ",001", "001");
    token_becomes(people.bob, ",999", "999");
    token_becomes(people.bob, ",1234", "0");
    token_becomes(people.bob, ",1a", "0");
    token_becomes(people.bob, ",-1", "0");
    token_becomes(people.bob, ",1,2", "0");
    token_becomes(people.bob, ",", "0");
    token_becomes(people.bob, "", "0");
    finds_nobody(people.bob, "bob", "bob %", "bob");
    finds_nobody(people.bob, "bob", "bob %,,%", "bob");
    end(&people);
}

static void whois_tells_who_somebody_is(void)
{
    struct people people = begin();
    struct peer *bob = people.bob;

    irc_send(bob, "WHOIS CAROL");
    PEER_EXPECT_MATCH(bob, ":test\\.example 311 bob carol ~carol " HOST " \\* :Real carol");
    PEER_EXPECT_LINE(bob, ":test.example 312 bob carol test.example :A paceline server");
    PEER_EXPECT_MATCH(bob, ":test\\.example 317 bob carol [0-9]+ [0-9]{10} "
                           ":seconds idle, signon time");
    PEER_EXPECT_LINE(bob, ":test.example 318 bob CAROL :End of /WHOIS list");
    irc_send(people.carol, "MODE carol +B");
    irc_send(people.carol, "AWAY :out");
    PEER_SKIP_TO(people.carol, ".* 306 .*");
    irc_send(bob, "WHOIS test.example alice,carol");
    PEER_EXPECT_MATCH(bob, ":test\\.example 311 bob alice ~alice " HOST " \\* :Real alice");
    PEER_EXPECT_LINE(bob, ":test.example 319 bob alice :@#a");
    PEER_EXPECT_LINE(bob, ":test.example 312 bob alice test.example :A paceline server");
    PEER_EXPECT_MATCH(bob, ":test\\.example 317 bob alice .*");
    PEER_EXPECT_MATCH(bob, ":test\\.example 311 bob carol ~carol " HOST " \\* :Real carol");
    PEER_EXPECT_LINE(bob, ":test.example 312 bob carol test.example :A paceline server");
    PEER_EXPECT_LINE(bob, ":test.example 301 bob carol :out");
    PEER_EXPECT_LINE(bob, ":test.example 335 bob carol :is a bot");
    PEER_EXPECT_MATCH(bob, ":test\\.example 317 bob carol .*");
    PEER_EXPECT_LINE(bob, ":test.example 318 bob alice,carol :End of /WHOIS list");
    end(&people);
}

static void whois_of_oneself_has_the_address(void)
{
    struct people people = begin();
    struct peer *bob = people.bob;

    irc_send(bob, "WHOIS alice bob");
    PEER_EXPECT_MATCH(bob, ":test\\.example 311 bob bob ~bob " HOST " \\* :Real bob");
    PEER_EXPECT_LINE(bob, ":test.example 319 bob bob :#a");
    PEER_EXPECT_LINE(bob, ":test.example 312 bob bob test.example :A paceline server");
    PEER_EXPECT_LINE(bob, ":test.example 338 bob bob ~bob@127.0.0.1 127.0.0.1 "
                          ":is actually using host");
    PEER_EXPECT_MATCH(bob, ":test\\.example 317 bob bob .*");
    PEER_EXPECT_LINE(bob, ":test.example 318 bob bob :End of /WHOIS list");
    end(&people);
}

static void whois_names_nobody_who_is_not_there(void)
{
    struct people people = begin();
    struct peer *bob = people.bob;

    irc_send(bob, "WHOIS nobody,b*");
    PEER_EXPECT_LINE(bob, ":test.example 401 bob nobody :No such nick/channel");
    PEER_EXPECT_LINE(bob, ":test.example 401 bob b* :No such nick/channel");
    PEER_EXPECT_LINE(bob, ":test.example 318 bob nobody,b* :End of /WHOIS list");
    irc_send(bob, "WHOIS other.example bob");
    PEER_EXPECT_LINE(bob, ":test.example 402 bob other.example :No such server");
    irc_send(bob, "WHOIS");
    PEER_EXPECT_LINE(bob, ":test.example 431 bob :No nickname given");
    irc_send(bob, "WHOIS bob :");
    PEER_EXPECT_LINE(bob, ":test.example 431 bob :No nickname given");
    irc_send(bob, "WHOIS ,");
    PEER_EXPECT_LINE(bob, ":test.example 318 bob , :End of /WHOIS list");
    irc_send(bob, "WHOIS v,w,x,y,z");
    for (const char *nick = "vwxy"; *nick; nick++)
        PEER_EXPECT_MATCH(bob, ":test\\.example 401 bob . :No such nick/channel");
    PEER_EXPECT_MATCH(bob, ":test\\.example 407 bob z :.*");
    PEER_EXPECT_LINE(bob, ":test.example 318 bob v,w,x,y,z :End of /WHOIS list");
    end(&people);
}

static void whois_lists_many_channels_on_several_lines(void)
{
    struct people people = begin();
    struct peer *carol = people.carol;
    unsigned lines = 0, channels = 0;
    char *line;

    for (int i = 0; i < 20; i++) {
        irc_send(carol, "JOIN #a-channel-with-a-name-of-nearly-sixty-four-bytes-number-%d", i);
        PEER_SKIP_TO(carol, ".* 366 .*");
    }
    irc_send(people.bob, "WHOIS carol");
    PEER_EXPECT_MATCH(people.bob, ".* 311 .*");
    for (;;) {
        EXPECT_RESULT(peer_next_line(people.bob, &line), 0);
        if (strncmp(line, ":test.example 319 bob carol :@#", 31) != 0)
            break;
        lines++;
        for (const char *at = line; (at = strstr(at, "@#")); at++)
            channels++;
        EXPECT(strlen(line) <= 510, "a line of %zu bytes", strlen(line));
    }
    EXPECT(lines == 3, "%u lines", lines);
    EXPECT(channels == 20, "%u channels", channels);
    PEER_SKIP_TO(people.bob, ".* 318 .*");
    end(&people);
}

/* WHOWAS names one who was NICK!~USER. */
static void was(struct peer *peer, const char *nick, const char *user)
{
    char line[300];

    snprintf(line, sizeof line, ":test\\.example 314 alice %s ~%s " HOST " \\* :Real .*", nick,
             user);
    PEER_EXPECT_MATCH(peer, line);
    snprintf(
        line, sizeof line,
        ":test\\.example 312 alice %s test\\.example :[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} UTC",
        nick);
    PEER_EXPECT_MATCH(peer, line);
}

static void whowas_tells_who_had_a_name_the_newest_first(void)
{
    struct people people = begin();
    struct peer *alice = people.alice;
    struct peer *dave = irc_join(people.daemon, "dave", NULL);

    irc_send(people.bob, "NICK Robert");
    IRC_EXPECT_FROM(alice, "bob", "NICK :Robert");
    irc_send(people.bob, "NICK dave2");
    IRC_EXPECT_FROM(alice, "Robert", "NICK :dave2");
    irc_send(dave, "QUIT");
    PEER_DRAIN(dave);
    irc_send(people.carol, "NICK robert");
    IRC_EXPECT_FROM(people.carol, "carol", "NICK :robert");
    irc_send(people.carol, "QUIT");
    PEER_DRAIN(people.carol);
    irc_send(alice, "WHOWAS robert");
    was(alice, "robert", "carol");
    was(alice, "Robert", "bob");
    PEER_EXPECT_LINE(alice, ":test.example 369 alice robert :End of WHOWAS");
    irc_send(alice, "WHOWAS bob,dave");
    was(alice, "bob", "bob");
    was(alice, "dave", "dave");
    PEER_EXPECT_LINE(alice, ":test.example 369 alice bob,dave :End of WHOWAS");
    irc_send(alice, "WHOWAS ROBERT 1 test.example");
    was(alice, "robert", "carol");
    PEER_EXPECT_LINE(alice, ":test.example 369 alice ROBERT :End of WHOWAS");
    peer_close(dave);
    end(&people);
}

/* Whether WHOWAS with such a count shows both who had the name. */
static void shows_both(struct peer *alice, const char *count)
{
    irc_send(alice, "WHOWAS x %s", count);
    was(alice, "x", "bob");
    was(alice, "x", "bob");
    PEER_EXPECT_LINE(alice, ":test.example 369 alice x :End of WHOWAS");
}

static void whowas_takes_any_count(void)
{
    struct people people = begin();

    for (int i = 0; i < 2; i++) {
        irc_send(people.bob, "NICK x");
        PEER_SKIP_TO(people.alice, ".* NICK :x");
        irc_send(people.bob, "NICK bob");
        IRC_EXPECT_FROM(people.alice, "x", "NICK :bob");
    }
    shows_both(people.alice, "");
    shows_both(people.alice, "0");
    shows_both(people.alice, "-1");
    shows_both(people.alice, "2");
    shows_both(people.alice, "3");
    shows_both(people.alice, "many");
    shows_both(people.alice, "99999999999999999999999999");
    shows_both(people.alice, ":");
    end(&people);
}

static void whowas_says_that_there_was_nobody(void)
{
    struct people people = begin();
    struct peer *alice = people.alice;

    irc_send(alice, "WHOWAS bob,b*");
    PEER_EXPECT_LINE(alice, ":test.example 406 alice bob :There was no such nickname");
    PEER_EXPECT_LINE(alice, ":test.example 406 alice b* :There was no such nickname");
    PEER_EXPECT_LINE(alice, ":test.example 369 alice bob,b* :End of WHOWAS");
    irc_send(alice, "WHOWAS");
    PEER_EXPECT_LINE(alice, ":test.example 431 alice :No nickname given");
    irc_send(alice, "WHOWAS bob 1 other.example");
    PEER_EXPECT_LINE(alice, ":test.example 402 alice other.example :No such server");
    end(&people);
}

static void labels_are_on_all_that_answers(void)
{
    struct people people = begin();
    struct peer *carol = people.carol;

    irc_send(carol, "CAP REQ :batch labeled-response");
    PEER_SKIP_TO(carol, ".* CAP .* ACK .*");
    irc_send(carol, "@label=w WHO nobody");
    PEER_EXPECT_LINE(carol, "@label=w :test.example 315 carol nobody :End of /WHO list");
    irc_send(carol, "@label=x WHO #a %%n");
    PEER_EXPECT_LINE(carol, "@label=x :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(carol, "@batch=1 :test.example 354 carol alice");
    PEER_EXPECT_LINE(carol, "@batch=1 :test.example 354 carol bob");
    PEER_EXPECT_LINE(carol, "@batch=1 :test.example 315 carol #a :End of /WHO list");
    PEER_EXPECT_LINE(carol, ":test.example BATCH -1");
    irc_send(carol, "@label=y WHOIS nobody");
    PEER_EXPECT_LINE(carol, "@label=y :test.example BATCH +1 labeled-response");
    PEER_EXPECT_LINE(carol, "@batch=1 :test.example 401 carol nobody :No such nick/channel");
    PEER_EXPECT_LINE(carol, "@batch=1 :test.example 318 carol nobody :End of /WHOIS list");
    PEER_EXPECT_LINE(carol, ":test.example BATCH -1");
    end(&people);
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(who_lists_a_channel),
        TEST(who_finds_by_any_name_somebody_has),
        TEST(by_address_one_finds_oneself_only),
        TEST(the_invisible_are_found_by_their_company_only),
        TEST(channels_that_are_not_shown_stay_unknown),
        TEST(flags_tell_who_is_away_and_what_they_are),
        TEST(whox_tells_the_fields_that_are_asked_for),
        TEST(whox_tokens_have_three_digits_at_most),
        TEST(whois_tells_who_somebody_is),
        TEST(whois_of_oneself_has_the_address),
        TEST(whois_names_nobody_who_is_not_there),
        TEST(whois_lists_many_channels_on_several_lines),
        TEST(whowas_tells_who_had_a_name_the_newest_first),
        TEST(whowas_takes_any_count),
        TEST(whowas_says_that_there_was_nobody),
        TEST(labels_are_on_all_that_answers),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_who", tests);
}
