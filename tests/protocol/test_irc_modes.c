/* SPDX-License-Identifier: MIT */
/* IRC: modes of channels, who may change them, and what they do. */
#include "config.h"

#include "tests/lib/models.h"
#include "tests/protocol/irc_peers.h"

#include <stdio.h>
#include <string.h>

static struct daemon *daemon;
static struct peer *alice, *bob, *carol;

/* alice is operator of #a, bob a member, carol is nowhere. */
#define BEGIN(settings) begin(IRC_ONLY settings)
static void begin(const char *configuration)
{
    daemon = DAEMON_START(configuration, 1);
    alice = irc_join_channel(daemon, "alice", "#a");
    bob = irc_join_channel(daemon, "bob", "#a");
    carol = irc_join(daemon, "carol", NULL);
    IRC_EXPECT_FROM(alice, "bob", "JOIN #a");
}

static void end(void)
{
    peer_close(carol);
    peer_close(bob);
    peer_close(alice);
    DAEMON_STOP(daemon);
}

/* alice makes a change, and bob sees it. */
static void alice_changes(const char *sent, const char *seen)
{
    char text[300];

    irc_send(alice, "MODE #a %s", sent);
    snprintf(text, sizeof(text), "MODE #a %s", seen);
    IRC_EXPECT_FROM(alice, "alice", text);
    IRC_EXPECT_FROM(bob, "alice", text);
}

#define NOTHING(peer, sent)                                                                        \
    do {                                                                                           \
        irc_send(peer, sent);                                                                      \
        IRC_EXPECT_NOTHING(peer);                                                                  \
    } while (0)

static void errors_come_in_their_order(void)
{
    BEGIN("");
    IRC_ASK(carol, "MODE #no +X nobody", "403 carol #no :No such channel");
    IRC_ASK(carol, "MODE #no", "403 carol #no :No such channel");
    IRC_ASK(carol, "MODE # +i", "403 carol # :No such channel");
    IRC_ASK(carol, "MODE #a +X", "472 carol X :is unknown mode char to me");
    IRC_ASK(carol, "MODE #a +o nobody", "442 carol #a :You're not on that channel");
    IRC_ASK(bob, "MODE #a +o nobody", "482 bob #a :You're not a channel operator");
    IRC_ASK(bob, "MODE #a +im-n+k", "482 bob #a :You're not a channel operator");
    IRC_ASK(alice, "MODE #a +o nobody", "401 alice nobody :No such nick/channel");
    IRC_ASK(alice, "MODE #a +o carol", "441 alice carol #a :They aren't on that channel");
    IRC_ASK(alice, "MODE #a +o", "461 alice MODE :Not enough parameters");
    IRC_ASK(carol, "KICK #no nobody", "403 carol #no :No such channel");
    IRC_ASK(carol, "KICK #a nobody", "442 carol #a :You're not on that channel");
    IRC_ASK(bob, "KICK #a nobody", "482 bob #a :You're not a channel operator");
    IRC_ASK(alice, "KICK #a nobody", "401 alice nobody :No such nick/channel");
    IRC_ASK(alice, "KICK #a carol", "441 alice carol #a :They aren't on that channel");
    IRC_EXPECT_NOTHING(bob);
    end();
}

static void several_changes_are_one_line_and_what_changes_nothing_is_none(void)
{
    BEGIN("");
    alice_changes("+im-n+v-t+l bob 5", "+im-n+v-t+l bob 5");
    NOTHING(alice, "MODE #a +im-nt+v bob");
    NOTHING(alice, "MODE #a +l 5");
    NOTHING(alice, "MODE #a -k-f-j");
    alice_changes("+k-k+k one x two", "+k-k+k one * two");
    NOTHING(alice, "MODE #a +k two");
    alice_changes("+k three", "+k three");
    alice_changes("-k+l any 6", "-k+l * 6");
    alice_changes("+j 2:10", "+j 2:10");
    NOTHING(alice, "MODE #a +j 2:10");
    alice_changes("-lj", "-lj");
    IRC_ASK(alice, "MODE #a", "324 alice #a +im");
    PEER_EXPECT_MATCH(alice, ":test\\.example 329 alice #a [0-9]{10}");
    IRC_EXPECT_NOTHING(bob);
    end();
}

static void values_are_taken_strictly(void)
{
    BEGIN("");
    IRC_ASK(alice, "MODE #a +l x", "696 alice #a l x :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +l 0", "696 alice #a l 0 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +l -1", "696 alice #a l -1 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +l 05", "696 alice #a l 05 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +l", "696 alice #a l * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +k :", "696 alice #a k * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +k", "696 alice #a k * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +k :two words", "696 alice #a k * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +k a,b", "696 alice #a k * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +k 123456789012345678901234567890123",
            "696 alice #a k * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +j 5", "696 alice #a j 5 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +j 0:5", "696 alice #a j 0:5 :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +f #no", "696 alice #a f #no :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +f #A", "696 alice #a f #A :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +f no", "696 alice #a f no :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a +b :a b", "696 alice #a b * :Invalid mode parameter");
    IRC_ASK(alice, "MODE #a", "324 alice #a +nt");
    PEER_SKIP_TO(alice, ".* 329 .*");
    IRC_EXPECT_NOTHING(bob);
    end();
}

static void a_key_is_shown_to_members_only(void)
{
    BEGIN("");
    alice_changes("+kl key 5", "+kl key 5");
    IRC_ASK(bob, "MODE #a", "324 bob #a +ntkl key 5");
    IRC_ASK(carol, "MODE #a", "324 carol #a +ntkl * 5");
    end();
}

/* Owners and admins there cannot be yet: tests/unit/test_chat_mode.c has them. */
static void prefixes_have_their_rights(void)
{
    BEGIN("");
    IRC_ASK(alice, "MODE #a +q alice", "482 alice #a :You're not a channel operator");
    IRC_ASK(alice, "MODE #a +a bob", "482 alice #a :You're not a channel operator");
    alice_changes("+h bob", "+h bob");
    IRC_ASK(bob, "MODE #a +o bob", "482 bob #a :You're not a channel operator");
    IRC_ASK(bob, "MODE #a +h carol", "482 bob #a :You're not a channel operator");
    IRC_ASK(bob, "MODE #a -o alice", "482 bob #a :You're not a channel operator");
    IRC_ASK(bob, "KICK #a alice", "482 bob #a :You're not a channel operator");
    irc_send(bob, "MODE #a +v-t alice");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a +v-t alice");
    IRC_EXPECT_FROM(alice, "bob", "MODE #a +v-t alice");
    irc_send(carol, "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 .*");
    IRC_EXPECT_FROM(bob, "carol", "JOIN #a");
    IRC_EXPECT_FROM(alice, "carol", "JOIN #a");
    irc_send(bob, "KICK #a carol");
    IRC_EXPECT_FROM(bob, "bob", "KICK #a carol :bob");
    IRC_EXPECT_FROM(alice, "bob", "KICK #a carol :bob");
    irc_send(bob, "MODE #a -h bob");
    IRC_EXPECT_FROM(bob, "bob", "MODE #a -h bob");
    IRC_EXPECT_FROM(alice, "bob", "MODE #a -h bob");
    IRC_ASK(bob, "MODE #a +v bob", "482 bob #a :You're not a channel operator");
    alice_changes("+o bob", "+o bob");
    irc_send(bob, "KICK #a alice :revolt");
    IRC_EXPECT_FROM(bob, "bob", "KICK #a alice :revolt");
    IRC_EXPECT_FROM(alice, "bob", "KICK #a alice :revolt");
    end();
}

static void masks_are_normalised_listed_and_taken_off_in_any_case(void)
{
    BEGIN("");
    alice_changes("+beI evil u@*.example m:m:**x", "+be evil!*@* *!u@*.example");
    PEER_EXPECT_LINE(alice, ":test.example 696 alice #a I m:m:**x :Invalid mode parameter");
    alice_changes("+bI ~m:m:**x Guest", "+bI m:*x!*@* Guest!*@*");
    NOTHING(alice, "MODE #a +b EVIL!*@*");
    irc_send(bob, "MODE #a +beI");
    PEER_EXPECT_MATCH(bob, ":test\\.example 367 bob #a evil!\\*@\\* alice[^ ]* [0-9]{10}");
    PEER_EXPECT_MATCH(bob, ":test\\.example 367 bob #a m:\\*x!\\*@\\* alice[^ ]* [0-9]{10}");
    PEER_EXPECT_LINE(bob, ":test.example 368 bob #a :End of channel ban list");
    PEER_EXPECT_MATCH(bob, ":test\\.example 348 bob #a \\*!u@\\*\\.example alice[^ ]* [0-9]{10}");
    PEER_EXPECT_LINE(bob, ":test.example 349 bob #a :End of channel exception list");
    PEER_EXPECT_MATCH(bob, ":test\\.example 346 bob #a Guest!\\*@\\* alice[^ ]* [0-9]{10}");
    PEER_EXPECT_LINE(bob, ":test.example 347 bob #a :End of channel invite exception list");
    irc_send(carol, "MODE #a ee-e");
    PEER_EXPECT_MATCH(carol,
                      ":test\\.example 348 carol #a \\*!u@\\*\\.example alice[^ ]* [0-9]{10}");
    PEER_EXPECT_LINE(carol, ":test.example 349 carol #a :End of channel exception list");
    IRC_EXPECT_NOTHING(carol);
    alice_changes("-b EVIL!*@*", "-b evil!*@*");
    end();
}

static void full_lists_refuse(void)
{
    BEGIN("limits: { masks_per_list = 2; };\n");
    alice_changes("+bb one two", "+bb one!*@* two!*@*");
    IRC_ASK(alice, "MODE #a +b three", "478 alice #a three :Channel list is full");
    alice_changes("-b+b one three", "-b+b one!*@* three!*@*");
    alice_changes("+e one", "+e one!*@*");
    end();
}

static void many_changes_are_told_in_several_lines(void)
{
    char letters[40] = "+";
    char masks[500] = "";
    unsigned seen = 0, lines = 0;
    char *line;

    BEGIN("");
    for (unsigned i = 0; i < 13; i++) {
        strcat(letters, "b");
        sprintf(masks + strlen(masks), " a-mask-of-thirty-bytes-%06u", i);
    }
    irc_send(alice, "MODE #a %s%s", letters, masks);
    irc_send(alice, "PRIVMSG #a :done");
    for (;;) {
        EXPECT_RESULT(peer_next_line(bob, &line), 0);
        if (strstr(line, " PRIVMSG "))
            break;
        CU_ASSERT(strlen(line) <= 510);
        lines++;
        for (char *at = line; (at = strstr(at, "!*@*")); at++)
            seen++;
    }
    CU_ASSERT_EQUAL(seen, 13);
    CU_ASSERT(lines >= 2 && lines <= 4);
    end();
}

/* -- What they do ---------------------------------------------------------------------------- */

static void joining_is_refused_for_each_reason(void)
{
    BEGIN("");
    alice_changes("+i", "+i");
    IRC_ASK(carol, "JOIN #a", "473 carol #a :Cannot join channel (+i)");
    alice_changes("+I carol", "+I carol!*@*");
    irc_send(carol, "JOIN #a");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 .*");
    irc_send(carol, "PART #a");
    IRC_EXPECT_FROM(carol, "carol", "PART #a");
    PEER_SKIP_TO(alice, ".* PART #a");
    PEER_SKIP_TO(bob, ".* PART #a");
    alice_changes("-i+b CAROL", "-i+b CAROL!*@*");
    IRC_ASK(carol, "JOIN #a", "474 carol #a :Cannot join channel (+b)");
    alice_changes("+e carol", "+e carol!*@*");
    irc_send(carol, "JOIN #a");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #a");
    end();
}

static void limits_and_throttles_hold(void)
{
    BEGIN("");
    alice_changes("+l 2", "+l 2");
    IRC_ASK(carol, "JOIN #a", "471 carol #a :Cannot join channel (+l)");
    alice_changes("-l+j 1:3600", "-l+j 1:3600");
    irc_send(carol, "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 .*");
    irc_send(carol, "PART #a");
    IRC_EXPECT_FROM(carol, "carol", "PART #a");
    IRC_ASK(carol, "JOIN #a", "480 carol #a :Cannot join channel (+j)");
    end();
}

static void keys_stand_at_their_channels_places(void)
{
    BEGIN("");
    alice_changes("+k key", "+k key");
    irc_send(carol, "JOIN #x,#a ,key");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #x");
    PEER_SKIP_TO(carol, ".* 366 carol #x .*");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 carol #a .*");
    irc_send(carol, "PART #a");
    IRC_EXPECT_FROM(carol, "carol", "PART #a");
    IRC_ASK(carol, "JOIN #a,#y KEY,key", "475 carol #a :Cannot join channel (+k)");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #y");
    end();
}

static void who_is_not_let_in_is_forwarded(void)
{
    BEGIN("");
    irc_send(carol, "JOIN #c");
    PEER_SKIP_TO(carol, ".* 366 .*");
    IRC_ASK(alice, "MODE #a +f #c", "482 alice #a :You're not a channel operator");
    irc_send(alice, "JOIN #b");
    PEER_SKIP_TO(alice, ".* 366 .*");
    alice_changes("+if #b", "+if #b");
    irc_send(carol, "JOIN #a");
    PEER_EXPECT_LINE(carol, ":test.example 470 carol #a #b :Forwarding to another channel");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #b");
    PEER_EXPECT_LINE(carol, ":test.example 353 carol = #b :@alice carol");
    PEER_EXPECT_LINE(carol, ":test.example 366 carol #b :End of /NAMES list");
    end();
}

static void who_may_speak_depends_on_m_n_and_masks(void)
{
    BEGIN("");
    IRC_ASK(carol, "PRIVMSG #a :x", "404 carol #a :Cannot send to channel");
    alice_changes("-n+m", "-n+m");
    IRC_ASK(carol, "PRIVMSG #a :x", "404 carol #a :Cannot send to channel");
    IRC_ASK(bob, "PRIVMSG #a :x", "404 bob #a :Cannot send to channel");
    alice_changes("+v bob", "+v bob");
    irc_send(bob, "PRIVMSG #a :voiced");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :voiced");
    alice_changes("-mv+b bob m:bob", "-mv+b bob m:bob!*@*");
    IRC_ASK(bob, "PRIVMSG #a :x", "404 bob #a :Cannot send to channel");
    alice_changes("+e m:*!~bob@*", "+e m:*!~bob@*");
    irc_send(bob, "PRIVMSG #a :excepted");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :excepted");
    irc_send(carol, "PRIVMSG #a :from outside");
    IRC_EXPECT_FROM(alice, "carol", "PRIVMSG #a :from outside");
    end();
}

static void op_moderated_channels_are_heard_by_operators(void)
{
    BEGIN("");
    irc_send(carol, "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 .*");
    IRC_EXPECT_FROM(alice, "carol", "JOIN #a");
    IRC_EXPECT_FROM(bob, "carol", "JOIN #a");
    alice_changes("+U", "+U");
    IRC_EXPECT_FROM(carol, "alice", "MODE #a +U");
    irc_send(carol, "PRIVMSG #a :may I");
    IRC_EXPECT_FROM(alice, "carol", "PRIVMSG #a :may I");
    IRC_EXPECT_NOTHING(bob);
    irc_send(alice, "PRIVMSG #a :yes");
    IRC_EXPECT_FROM(bob, "alice", "PRIVMSG #a :yes");
    IRC_EXPECT_FROM(carol, "alice", "PRIVMSG #a :yes");
    alice_changes("+v carol", "+v carol");
    IRC_EXPECT_FROM(carol, "alice", "MODE #a +v carol");
    irc_send(carol, "PRIVMSG #a :thanks");
    IRC_EXPECT_FROM(bob, "carol", "PRIVMSG #a :thanks");
    end();
}

static void ctcp_and_colours_are_kept_out(void)
{
    BEGIN("");
    alice_changes("+Cc", "+Cc");
    IRC_ASK(bob, "PRIVMSG #a :\001VERSION\001", "404 bob #a :Cannot send to channel");
    irc_send(bob, "PRIVMSG #a :\001ACTION waves\001");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :\001ACTION waves\001");
    irc_send(bob, "PRIVMSG #a :\00304red\003 \002bold\002");
    IRC_EXPECT_FROM(alice, "bob", "PRIVMSG #a :red bold");
    end();
}

static void an_auditorium_hides_its_audience(void)
{
    BEGIN("");
    alice_changes("+u", "+u");
    irc_send(carol, "JOIN #a");
    IRC_EXPECT_FROM(carol, "carol", "JOIN #a");
    PEER_EXPECT_LINE(carol, ":test.example 353 carol = #a :@alice carol");
    PEER_EXPECT_LINE(carol, ":test.example 366 carol #a :End of /NAMES list");
    IRC_EXPECT_FROM(alice, "carol", "JOIN #a");
    IRC_EXPECT_NOTHING(bob);
    irc_send(alice, "NAMES #a");
    PEER_EXPECT_LINE(alice, ":test.example 353 alice = #a :@alice bob carol");
    PEER_EXPECT_LINE(alice, ":test.example 366 alice #a :End of /NAMES list");
    irc_send(carol, "PART #a");
    IRC_EXPECT_FROM(carol, "carol", "PART #a");
    IRC_EXPECT_FROM(alice, "carol", "PART #a");
    IRC_EXPECT_NOTHING(bob);
    end();
}

static void the_topic_is_for_who_may_set_it(void)
{
    BEGIN("");
    IRC_ASK(bob, "TOPIC #a :x", "482 bob #a :You're not a channel operator");
    alice_changes("-t", "-t");
    irc_send(bob, "TOPIC #a :x");
    IRC_EXPECT_FROM(bob, "bob", "TOPIC #a :x");
    IRC_ASK(carol, "TOPIC #a :y", "442 carol #a :You're not on that channel");
    IRC_ASK(carol, "TOPIC #a", "332 carol #a :x");
    end();
}

static void secret_channels_are_none_to_others(void)
{
    BEGIN("");
    irc_send(alice, "MODE alice +i");
    IRC_EXPECT_FROM(alice, "alice", "MODE alice :+i");
    IRC_ASK(carol, "NAMES #a", "353 carol = #a :bob");
    PEER_EXPECT_LINE(carol, ":test.example 366 carol #a :End of /NAMES list");
    irc_send(bob, "MODE bob +i");
    IRC_EXPECT_FROM(bob, "bob", "MODE bob :+i");
    IRC_ASK(carol, "NAMES #a", "366 carol #a :End of /NAMES list");
    alice_changes("+p", "+p");
    irc_send(bob, "NAMES #a");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob * #a :@alice bob");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #a :End of /NAMES list");
    IRC_ASK(carol, "NAMES #a", "366 carol #a :End of /NAMES list");
    IRC_ASK(carol, "NAMES #A,#none", "366 carol #A,#none :End of /NAMES list");
    alice_changes("-p+s", "-p+s");
    irc_send(bob, "NAMES #a");
    PEER_EXPECT_LINE(bob, ":test.example 353 bob @ #a :@alice bob");
    PEER_EXPECT_LINE(bob, ":test.example 366 bob #a :End of /NAMES list");
    IRC_ASK(carol, "NAMES #a", "366 carol #a :End of /NAMES list");
    IRC_ASK(carol, "MODE #a", "403 carol #a :No such channel");
    IRC_ASK(carol, "MODE #a b", "403 carol #a :No such channel");
    IRC_ASK(carol, "TOPIC #a", "403 carol #a :No such channel");
    IRC_ASK(carol, "NAMES #none,#a", "366 carol #none,#a :End of /NAMES list");
    IRC_ASK(carol, "TOPIC #a :x", "442 carol #a :You're not on that channel");
    IRC_ASK(carol, "KICK #a bob", "442 carol #a :You're not on that channel");
    IRC_ASK(carol, "PART #a", "442 carol #a :You're not on that channel");
    IRC_ASK(carol, "INVITE carol #a", "442 carol #a :You're not on that channel");
    end();
}

static void names_have_all_prefixes_for_who_asked_for_them(void)
{
    struct peer *dora;

    BEGIN("");
    alice_changes("+v alice", "+v alice");
    dora = irc_join(daemon, "dora", "multi-prefix");
    irc_send(dora, "NAMES #a");
    PEER_EXPECT_LINE(dora, ":test.example 353 dora = #a :@+alice bob");
    PEER_EXPECT_LINE(dora, ":test.example 366 dora #a :End of /NAMES list");
    irc_send(carol, "NAMES #a");
    PEER_EXPECT_LINE(carol, ":test.example 353 carol = #a :@alice bob");
    PEER_EXPECT_LINE(carol, ":test.example 366 carol #a :End of /NAMES list");
    peer_close(dora);
    end();
}

static void several_are_kicked_by_one_command(void)
{
    BEGIN("");
    irc_send(carol, "JOIN #a");
    PEER_SKIP_TO(carol, ".* 366 .*");
    IRC_EXPECT_FROM(alice, "carol", "JOIN #a");
    irc_send(alice, "JOIN #b");
    PEER_SKIP_TO(alice, ".* 366 .*");
    irc_send(alice, "KICK #a,#b bob,carol :out");
    IRC_EXPECT_FROM(alice, "alice", "KICK #a bob :out");
    PEER_EXPECT_LINE(alice, ":test.example 441 alice carol #b :They aren't on that channel");
    irc_send(alice, "KICK #a,#b carol,nobody,bob");
    IRC_EXPECT_FROM(alice, "alice", "KICK #a carol :alice");
    PEER_EXPECT_LINE(alice, ":test.example 401 alice nobody :No such nick/channel");
    PEER_EXPECT_LINE(alice, ":test.example 461 alice KICK :Not enough parameters");
    end();
}

int main(int argc, char **argv)
{
#define TEST(name)                                                                                 \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct unit_test tests[] = {
        TEST(errors_come_in_their_order),
        TEST(several_changes_are_one_line_and_what_changes_nothing_is_none),
        TEST(values_are_taken_strictly),
        TEST(a_key_is_shown_to_members_only),
        TEST(prefixes_have_their_rights),
        TEST(masks_are_normalised_listed_and_taken_off_in_any_case),
        TEST(full_lists_refuse),
        TEST(many_changes_are_told_in_several_lines),
        TEST(joining_is_refused_for_each_reason),
        TEST(limits_and_throttles_hold),
        TEST(keys_stand_at_their_channels_places),
        TEST(who_is_not_let_in_is_forwarded),
        TEST(who_may_speak_depends_on_m_n_and_masks),
        TEST(op_moderated_channels_are_heard_by_operators),
        TEST(ctcp_and_colours_are_kept_out),
        TEST(an_auditorium_hides_its_audience),
        TEST(the_topic_is_for_who_may_set_it),
        TEST(secret_channels_are_none_to_others),
        TEST(names_have_all_prefixes_for_who_asked_for_them),
        TEST(several_are_kicked_by_one_command),
        {NULL, NULL},
    };

    return models_main(argc, argv, "irc_modes", tests);
}
