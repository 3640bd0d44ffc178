/* SPDX-License-Identifier: MIT */
/* Masks: their normal form, and whom they mean. */
#include "config.h"

#include "chat/mask.h"
#include "chat/outcome.h"
#include "tests/lib/unit.h"

static bool glob(const char *pattern, const char *text)
{
    return chat_glob_match(chat_text(pattern), chat_text(text));
}

static void a_pattern_without_stars_means_itself_in_any_case(void)
{
    CU_ASSERT(glob("abc", "aBC") && glob("[]{}", "[]{}") && glob("", ""));
    CU_ASSERT(!glob("abc", "ab") && !glob("ab", "abc") && !glob("", "a") && !glob("[a]", "a"));
}

static void a_star_means_any_characters(void)
{
    CU_ASSERT(glob("*", "") && glob("*", "abc") && glob("a*", "a") && glob("*c", "abc"));
    CU_ASSERT(glob("a*c", "abcbc") && glob("a**c", "ac") && glob("*b*b*", "abcbd"));
    CU_ASSERT(!glob("a*c", "abcb") && !glob("*b*b*", "abc") && !glob("a*", "ba"));
}

static void a_question_mark_means_one_character(void)
{
    CU_ASSERT(glob("a?c", "abc") && glob("??", "ab") && glob("a?", "a\xC3\xA9"));
    CU_ASSERT(glob("*?c", "abc") && glob("?*", "a"));
    CU_ASSERT(!glob("a?c", "ac") && !glob("?", "") && !glob("?", "ab") && !glob("?*", ""));
}

static void many_stars_take_no_time(void)
{
    char pattern[200], text[2000];

    for (size_t i = 0; i < sizeof pattern; i += 2)
        memcpy(pattern + i, "*a", 2);
    memset(text, 'a', sizeof text);
    CU_ASSERT(!chat_glob_match((struct chat_text){pattern, sizeof pattern},
                               (struct chat_text){text, 50}));
    pattern[sizeof pattern - 1] = 'b';
    CU_ASSERT(!chat_glob_match((struct chat_text){pattern, sizeof pattern},
                               (struct chat_text){text, sizeof text}));
}

/* The normal form as a string, or "-". */
static const char *normal(const char *text)
{
    static char out[CHAT_MASK_MAX + 1];
    size_t length;
    int rc = chat_mask_normalise(chat_text(text), out, &length);

    if (rc != 0) {
        CU_ASSERT_EQUAL(rc, CHAT_MASK_BAD);
        return "-";
    }
    out[length] = '\0';
    return out;
}

static void a_mask_is_completed(void)
{
    static const char *const masks[][2] = {
        {"bob", "bob!*@*"},
        {"*", "*!*@*"},
        {"u@h", "*!u@h"},
        {"@h", "*!*@h"},
        {"n!u", "n!u@*"},
        {"n!", "n!*@*"},
        {"n!@", "n!*@*"},
        {"n!u@h", "n!u@h"},
        {"n!u@v@h", "n!u@v@h"},
        {"***!**@*", "*!*@*"},
        {"a.example", "*!*@a.example"},
        {"2001:db8::1", "*!*@2001:db8::1"},
        {"*.example", "*!*@*.example"},
        {"m:bob", "m:bob!*@*"},
        {"~m:u@h", "m:*!u@h"},
        {"m:~m:m:bob", "m:bob!*@*"},
        {"a:bob", "a:bob"},
        {"~a:b**b", "a:b*b"},
        {"~m:~a:bob", "m:a:bob"},
        {"a::1", "*!*@a::1"},
        {"a:", "*!*@a:"},
    };

    for (size_t i = 0; i < sizeof masks / sizeof masks[0]; i++) {
        char once[CHAT_MASK_MAX + 1];

        CU_ASSERT_STRING_EQUAL(normal(masks[i][0]), masks[i][1]);
        strcpy(once, normal(masks[i][0]));
        CU_ASSERT_STRING_EQUAL(normal(once), once);
    }
}

static void what_is_no_mask_is_refused(void)
{
    char text[CHAT_MASK_MAX + 1];

    CU_ASSERT_STRING_EQUAL(normal(""), "-");
    CU_ASSERT_STRING_EQUAL(normal("m:"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a b"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a:bob!*@*"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a:bob@h"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a:b b"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a,b"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a\001"), "-");
    CU_ASSERT_STRING_EQUAL(normal("a\177"), "-");
    memset(text, 'x', sizeof text);
    text[CHAT_MASK_MAX] = '\0';
    CU_ASSERT_STRING_EQUAL(normal(text), "-");
    text[CHAT_MASK_MAX - 4] = '\0';
    CU_ASSERT_EQUAL(strlen(normal(text)), CHAT_MASK_MAX);
    text[CHAT_MASK_MAX - 4] = 'x';
    text[CHAT_MASK_MAX - 3] = '\0';
    CU_ASSERT_STRING_EQUAL(normal(text), "-");
}

static bool means_from(const char *mask, const char *address)
{
    struct chat_subject subject = {
        .nick = chat_text("Bob"),
        .username = chat_text("bo"),
        .host = chat_text("shown.example"),
        .address = chat_text(address),
    };
    char out[CHAT_MASK_MAX];
    struct chat_text normalised = {out, 0};

    CU_ASSERT_EQUAL_FATAL(chat_mask_normalise(chat_text(mask), out, &normalised.length), 0);
    return chat_mask_match(normalised, &subject);
}

static bool means(const char *mask)
{
    return means_from(mask, "192.0.2.77");
}

static void a_mask_means_whom_all_its_parts_mean(void)
{
    CU_ASSERT(means("bob") && means("BO?!*@*") && means("bo@*") && means("*.example"));
    CU_ASSERT(means("m:bob") && means("bob!bo@shown.EXAMPLE"));
    CU_ASSERT(!means("bo") && !means("bob!x@*") && !means("*.example.org") && !means("m:al"));
    CU_ASSERT(!means("*o@shown.example@x"));
}

static void a_host_is_also_compared_with_the_address(void)
{
    CU_ASSERT(means("192.0.2.77") && means("192.0.*"));
    CU_ASSERT(!means("192.0.2.7") && !means_from("192.0.2.77", ""));
}

static void a_network_means_all_its_addresses(void)
{
    CU_ASSERT(means("192.0.2.0/24") && means("192.0.2.64/27") && means("0.0.0.0/0"));
    CU_ASSERT(means("192.0.2.77/32") && means("*!bo@192.0.0.0/16"));
    CU_ASSERT(!means("192.0.2.0/27") && !means("192.0.2.76/32") && !means("192.0.2.0/33"));
    CU_ASSERT(!means("192.0.2.0/") && !means("192.0.2.0/x") && !means("192.0.2/24"));
    CU_ASSERT(!means("::/0") && !means("10.0.0.0/8"));
    CU_ASSERT(means_from("2001:db8::/32", "2001:db8:1::5"));
    CU_ASSERT(means_from("2001:db8:1::4/127", "2001:db8:1::5"));
    CU_ASSERT(!means_from("2001:db8:1::4/128", "2001:db8:1::5"));
    CU_ASSERT(!means_from("2001:db9::/32", "2001:db8:1::5"));
    CU_ASSERT(!means_from("0.0.0.0/0", "2001:db8:1::5"));
}

static bool means_who_has(const char *mask, const char *account)
{
    struct chat_subject subject = {
        .nick = chat_text("bob"),
        .username = chat_text("bo"),
        .host = chat_text("h"),
        .account = chat_text(account),
    };

    return chat_mask_match(chat_text(mask), &subject);
}

static void a_mask_for_accounts_means_who_is_logged_in(void)
{
    CU_ASSERT(means_who_has("a:Alice", "alice") && means_who_has("a:al*", "alice"));
    CU_ASSERT(means_who_has("a:*", "alice") && means_who_has("m:a:a?ice", "alice"));
    CU_ASSERT(!means_who_has("a:alice", "bob") && !means_who_has("a:bob", "") &&
              !means_who_has("a:*", "") && !means_who_has("m:a:*", ""));
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a pattern without stars means itself in any case",
         a_pattern_without_stars_means_itself_in_any_case},
        {"a star means any characters", a_star_means_any_characters},
        {"a question mark means one character", a_question_mark_means_one_character},
        {"many stars take no time", many_stars_take_no_time},
        {"a mask is completed", a_mask_is_completed},
        {"what is no mask is refused", what_is_no_mask_is_refused},
        {"a mask means whom all its parts mean", a_mask_means_whom_all_its_parts_mean},
        {"a host is also compared with the address", a_host_is_also_compared_with_the_address},
        {"a network means all its addresses", a_network_means_all_its_addresses},
        {"a mask for accounts means who is logged in", a_mask_for_accounts_means_who_is_logged_in},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "chat masks", tests);
}
