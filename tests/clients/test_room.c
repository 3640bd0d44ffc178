/* SPDX-License-Identifier: MIT */
/* What irssi, WeeChat and who talks show of a room in which all three are. */
#include "config.h"

#include "tests/clients/company.h"

static void what_each_says_all_see(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "hello from irssi");
    IRIS_EXPECT(&company, "<@iris> hello from irssi");
    WEECHAT_EXPECT(company.wei, "#dev", "@iris\thello from irssi");
    TOM_EXPECT(&company, "<iris> hello from irssi");
    weechat_type(company.wei, "#dev", "h\u00e9llo from WeeChat");
    WEECHAT_EXPECT(company.wei, "#dev", "wei\th\u00e9llo from WeeChat");
    IRIS_EXPECT(&company, "< wei> h\u00e9llo from WeeChat");
    TOM_EXPECT(&company, "<wei> h\u00e9llo from WeeChat");
    PEER_SEND_TEXT(company.tom, "hello from a plain line\n");
    IRIS_EXPECT(&company, "< tom> hello from a plain line");
    WEECHAT_EXPECT(company.wei, "#dev", "tom\thello from a plain line");
    terminal_type(company.iris, "/me waves");
    TOM_EXPECT(&company, "\\* iris waves");
    WEECHAT_EXPECT(company.wei, "#dev", " \\*\tiris waves");
    PEER_SEND_TEXT(company.tom, "/me nods\n");
    IRIS_EXPECT(&company, " \\* tom nods");
    WEECHAT_EXPECT(company.wei, "#dev", " \\*\ttom nods");
    company_close(&company);
}

static void who_takes_another_name_is_known_by_it(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "/nick isis");
    IRIS_EXPECT(&company, "-!- You're now known as isis");
    WEECHAT_EXPECT(company.wei, "#dev", "--\tiris is now known as isis");
    TOM_EXPECT(&company, "\\* iris is now called isis");
    weechat_type(company.wei, "#dev", "/nick wu");
    WEECHAT_EXPECT(company.wei, "#dev", "--\tYou are now known as wu");
    IRIS_EXPECT(&company, "-!- wei is now known as wu");
    TOM_EXPECT(&company, "\\* wei is now called wu");
    PEER_SEND_TEXT(company.tom, "/nick thomas\n");
    TOM_EXPECT(&company, "\\* you are now called thomas");
    IRIS_EXPECT(&company, "-!- tom is now known as thomas");
    WEECHAT_EXPECT(company.wei, "#dev", "--\ttom is now known as thomas");
    weechat_type(company.wei, "#dev", "/nick isis");
    WEECHAT_EXPECT(company.wei, "server", "--\tisis: Nickname is already in use");
    PEER_SEND_TEXT(company.tom, "still here?\n");
    IRIS_EXPECT(&company, "< thomas> still here\\?");
    WEECHAT_EXPECT(company.wei, "#dev", "thomas\tstill here\\?");
    company_close(&company);
}

static void the_topic_is_shown_to_all(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "/topic ships and sails");
    IRIS_EXPECT(&company, "-!- iris changed the topic of #dev to: ships and sails");
    WEECHAT_EXPECT(company.wei, "#dev",
                   "--\tiris has changed topic for #dev to \"ships and sails\"");
    TOM_EXPECT(&company, "\\* iris has set the topic of #dev: ships and sails");
    PEER_SEND_TEXT(company.tom, "/topic mine\n");
    PEER_EXPECT_LINE(company.tom, "Only operators of the room may do that.");
    weechat_type(company.wei, "#dev", "/topic mine");
    WEECHAT_EXPECT(company.wei, "#dev", "--\t#dev: You're not a channel operator");
    terminal_type(company.iris, "/mode -t");
    IRIS_EXPECT(&company, "-!- mode/#dev \\[-t\\] by iris");
    WEECHAT_EXPECT(company.wei, "#dev", "--\tMode #dev \\[-t\\] by iris");
    TOM_EXPECT(&company, "\\* iris has changed the modes of #dev: -t");
    PEER_SEND_TEXT(company.tom, "/topic mine\n");
    TOM_EXPECT(&company, "\\* you have set the topic of #dev: mine");
    IRIS_EXPECT(&company, "-!- tom changed the topic of #dev to: mine");
    WEECHAT_EXPECT(company.wei, "#dev",
                   "--\ttom has changed topic for #dev from \"ships and "
                   "sails\" to \"mine\"");
    weechat_type(company.wei, "#dev", "/topic -delete");
    WEECHAT_EXPECT(company.wei, "#dev",
                   "--\twei has unset topic for #dev \\(old topic: "
                   "\"mine\"\\)");
    IRIS_EXPECT(&company, "-!- Topic unset by wei on #dev");
    TOM_EXPECT(&company, "\\* wei has cleared the topic of #dev");
    company_close(&company);
}

static void who_is_kicked_is_out(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "/kick tom enough");
    IRIS_EXPECT(&company, "-!- tom was kicked from #dev by iris \\[enough\\]");
    WEECHAT_EXPECT(company.wei, "#dev", "<--\tiris has kicked tom \\(enough\\)");
    TOM_EXPECT(&company, "\\* iris has kicked you out of #dev \\(enough\\)");
    PEER_SEND_TEXT(company.tom, "/who #dev\n/msg #dev let me in\n");
    PEER_EXPECT_LINE(company.tom, "2 people in #dev: wei");
    PEER_EXPECT_LINE(company.tom, "  and 1 whom you do not see"); /* irssi asks not to be seen */
    PEER_EXPECT_LINE(company.tom, "You are not in #dev.");
    PEER_SEND_TEXT(company.tom, "/join #dev\n");
    TOM_EXPECT(&company, "\\* you have joined #dev");
    PEER_EXPECT_LINE(company.tom, "3 people in #dev: iris wei tom");
    terminal_type(company.iris, "/kick wei");
    WEECHAT_EXPECT(company.wei, "#dev", "<--\tiris has kicked wei \\(iris\\)");
    IRIS_EXPECT(&company, "-!- wei was kicked from #dev by iris \\[iris\\]");
    TOM_EXPECT(&company, "\\* iris has kicked wei out of #dev \\(iris\\)");
    company_close(&company);
}

static void operators_share_their_rank(void)
{
    struct company company = company_meet();

    terminal_type(company.iris, "/op wei");
    IRIS_EXPECT(&company, "-!- mode/#dev \\[\\+o wei\\] by iris");
    WEECHAT_EXPECT(company.wei, "#dev", "--\tMode #dev \\[\\+o wei\\] by iris");
    TOM_EXPECT(&company, "\\* iris has changed the modes of #dev: \\+o wei");
    weechat_type(company.wei, "#dev", "/mode #dev +m");
    IRIS_EXPECT(&company, "-!- mode/#dev \\[\\+m\\] by wei");
    TOM_EXPECT(&company, "\\* wei has changed the modes of #dev: \\+m");
    PEER_SEND_TEXT(company.tom, "hello?\n");
    PEER_EXPECT_LINE(company.tom, "You may not speak there.");
    weechat_type(company.wei, "#dev", "/voice tom");
    WEECHAT_EXPECT(company.wei, "#dev", "--\tMode #dev \\[\\+v tom\\] by wei");
    TOM_EXPECT(&company, "\\* wei has changed the modes of #dev: \\+v tom");
    PEER_SEND_TEXT(company.tom, "hello\n");
    IRIS_EXPECT(&company, "<\\+tom> hello");
    WEECHAT_EXPECT(company.wei, "#dev", "\\+tom\thello");
    weechat_type(company.wei, "#dev", "/ban *!*@nowhere.example");
    IRIS_EXPECT(&company, "-!- mode/#dev \\[\\+b \\*!\\*@nowhere.example\\] by wei");
    TOM_EXPECT(&company, "\\* wei has changed the modes of #dev: \\+b \\*!\\*@nowhere.example");
    terminal_type(company.iris, "/ban");
    IRIS_EXPECT(&company, "-!- 1 - #dev: ban \\*!\\*@nowhere.example \\[by wei.*");
    company_close(&company);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"what each says all see", what_each_says_all_see},
        {"who takes another name is known by it", who_takes_another_name_is_known_by_it},
        {"the topic is shown to all", the_topic_is_shown_to_all},
        {"who is kicked is out", who_is_kicked_is_out},
        {"operators share their rank", operators_share_their_rank},
        {NULL, NULL},
    };

    return company_main(argc, argv, "room", tests);
}
