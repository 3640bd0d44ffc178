/* SPDX-License-Identifier: MIT */
/* How irssi, WeeChat and who talks come, go, and deal with each other outside of rooms. */
#include "config.h"

#include "tests/clients/company.h"

static void clients_negotiate_capabilities(void)
{
    struct company company = company_open();

    IRIS_EXPECT(&company, "-!- Capabilities supported: .*account-tag.*");
    IRIS_EXPECT(&company, "-!- Capabilities acknowledged: .*multi-prefix.*");
    IRIS_EXPECT(&company, "-!- Welcome to the Paceline network, iris!.*");
    WEECHAT_EXPECT(company.wei, "server", "--\tirc: client capability, enabled: .*message-tags.*");
    WEECHAT_EXPECT(company.wei, "server", "--\tWelcome to the Paceline network, wei!.*");
    company_close(&company);
}

static void private_words_reach_whom_they_are_for(void)
{
    struct company company = company_open();

    terminal_type(company.iris, "/query tom");
    terminal_type(company.iris, "are you there?");
    TOM_EXPECT(&company, "iris tells you: are you there\\?");
    PEER_SEND_TEXT(company.tom, "/msg iris I am\n");
    TOM_EXPECT(&company, "you tell iris: I am");
    IRIS_EXPECT(&company, "<tom> I am");
    weechat_type(company.wei, "server", "/query iris psst");
    WEECHAT_EXPECT(company.wei, "iris", "wei\tpsst");
    terminal_type(company.iris, "/query wei");
    IRIS_EXPECT(&company, "<wei> psst");
    terminal_type(company.iris, "what?");
    WEECHAT_EXPECT(company.wei, "iris", "iris\twhat\\?");
    weechat_type(company.wei, "server", "/query tom hello tom");
    TOM_EXPECT(&company, "wei tells you: hello tom");
    PEER_SEND_TEXT(company.tom, "/msg wei hello wei\n");
    TOM_EXPECT(&company, "you tell wei: hello wei");
    WEECHAT_EXPECT(company.wei, "tom", "tom\thello wei");
    terminal_type(company.iris, "/msg nobody anybody?");
    terminal_type(company.iris, "/window goto nobody");
    IRIS_EXPECT(&company, "-!- nobody: No such nick/channel");
    company_close(&company);
}

static void who_is_away_is_said_to_be(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "/away lunch");
    TOM_EXPECT(&company, "\\* iris is away \\(lunch\\)");
    weechat_type(company.wei, "server", "/query iris hungry?");
    WEECHAT_EXPECT(company.wei, "iris", "--\t\\[iris\\] is away: lunch");
    PEER_SEND_TEXT(company.tom, "/msg iris hungry?\n");
    TOM_EXPECT(&company, "you tell iris: hungry\\? \\(away: lunch\\)");
    terminal_type(company.iris, "/away");
    TOM_EXPECT(&company, "\\* iris is back");
    weechat_type(company.wei, "server", "/away tea");
    TOM_EXPECT(&company, "\\* wei is away \\(tea\\)");
    terminal_type(company.iris, "/window goto wei");
    terminal_type(company.iris, "/whois wei");
    IRIS_EXPECT(&company, "-!-  away     : tea");
    weechat_type(company.wei, "server", "/away");
    TOM_EXPECT(&company, "\\* wei is back");
    company_close(&company);
}

static void whois_shows_who_talks(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "/window goto 1"); /* where the server's words go */
    terminal_type(company.iris, "/whois tom");
    IRIS_EXPECT(&company, "-!- tom \\[.*\\]");
    IRIS_EXPECT(&company, "-!-  channels : @#lobby #dev");
    IRIS_EXPECT(&company, "-!-  server   : test.example \\[.*\\]");
    IRIS_EXPECT(&company, "-!- End of WHOIS");
    weechat_type(company.wei, "server", "/whois tom");
    WEECHAT_EXPECT(company.wei, "server", "--\t\\[tom\\] \\(.*\\):.*");
    WEECHAT_EXPECT(company.wei, "server", "--\t\\[tom\\] End of /WHOIS list");
    company_close(&company);
}

static void who_is_invited_may_come(void)
{
    struct company company = company_open();

    terminal_type(company.iris, "/join #club");
    IRIS_EXPECT(&company, "-!- Irssi: Join to #club was synced in .*");
    terminal_type(company.iris, "/mode +i");
    IRIS_EXPECT(&company, "-!- mode/#club \\[\\+i\\] by iris");
    terminal_type(company.iris, "/window goto 1"); /* where the server's words go */
    PEER_SEND_TEXT(company.tom, "/join #club\n");
    PEER_EXPECT_LINE(company.tom, "Only who is invited enters #club.");
    weechat_type(company.wei, "server", "/join #club");
    WEECHAT_EXPECT(company.wei, "server", "--\t#club: Cannot join channel \\(\\+i\\)");
    terminal_type(company.iris, "/invite tom #club");
    IRIS_EXPECT(&company, "-!- Inviting tom to #club");
    TOM_EXPECT(&company, "\\* iris invites you to #club");
    PEER_SEND_TEXT(company.tom, "/join #club\n");
    TOM_EXPECT(&company, "\\* you have joined #club");
    terminal_type(company.iris, "/invite wei #club");
    WEECHAT_EXPECT(company.wei, "server", "--\tYou have been invited to #club by iris");
    weechat_type(company.wei, "server", "/join #club");
    WEECHAT_EXPECT(company.wei, "#club", "-->\twei \\(.*\\) has joined #club");
    company_close(&company);
}

static void who_goes_is_missed(void)
{
    struct company company = company_meet();

    weechat_type(company.wei, "#dev", "/part see you");
    IRIS_EXPECT(&company, "-!- wei \\[.*\\] has left #dev \\[see you\\]");
    TOM_EXPECT(&company, "\\* wei has left #dev \\(see you\\)");
    weechat_type(company.wei, "server", "/join #dev");
    IRIS_EXPECT(&company, "-!- wei \\[.*\\] has joined #dev");
    TOM_EXPECT(&company, "\\* wei has joined #dev");
    PEER_SEND_TEXT(company.tom, "/quit tired\n");
    PEER_EXPECT_LINE(company.tom, "Goodbye.");
    PEER_EXPECT_END(company.tom);
    IRIS_EXPECT(&company, "-!- tom \\[.*\\] has quit \\[tired\\]");
    WEECHAT_EXPECT(company.wei, "#dev", "<--\ttom \\(.*\\) has quit \\(tired\\)");
    terminal_type(company.iris, "/quit home");
    WEECHAT_EXPECT(company.wei, "#dev", "<--\tiris \\(.*\\) has quit \\(Quit: home\\)");
    TERMINAL_EXPECT_END(company.iris);
    weechat_type(company.wei, "server", "/quit");
    WEECHAT_EXPECT_END(company.wei);
    company_close(&company);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"clients negotiate capabilities", clients_negotiate_capabilities},
        {"private words reach whom they are for", private_words_reach_whom_they_are_for},
        {"who is away is said to be", who_is_away_is_said_to_be},
        {"whois shows who talks", whois_shows_who_talks},
        {"who is invited may come", who_is_invited_may_come},
        {"who goes is missed", who_goes_is_missed},
        {NULL, NULL},
    };

    return company_main(argc, argv, "people", tests);
}
