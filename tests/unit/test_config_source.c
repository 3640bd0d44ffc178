/* SPDX-License-Identifier: MIT */
/* From files to text: numbers, strings, comments, brackets, files that include others. */
#include "config.h"

#include "config/snapshot.h"
#include "config/source.h"
#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/folder.h"
#include "tests/lib/settings.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void check_complaints(const char *text, const char *expected)
{
    char *complaints = settings_complaints(text);

    EXPECT(strcmp(complaints, expected) == 0, "of: %s\nis said:\n%sexpected:\n%s", text, complaints,
           expected);
    free(complaints);
}

static void check_threads(const char *text, uint32_t threads)
{
    struct config *config = settings_load(text);

    EXPECT(config->pool.threads == threads, "%s: %u", text, config->pool.threads);
    config_unref(config);
}

static void numbers_are_decimal_or_hexadecimal(void)
{
    check_threads("pool: { threads = 8; };", 8);
    check_threads("pool: { threads = 8L; };", 8);
    check_threads("pool: { threads = 8LL; };", 8);
    check_threads("pool: { threads = +8; };", 8);
    check_threads("pool: { threads = -0; };", 0);
    check_threads("pool: { threads = 08; };", 8);
    check_threads("pool: { threads = 0000000000000000000000000010; };", 10);
    check_threads("pool: { threads = 0x10; };", 16);
    check_threads("pool: { threads = 0X1fL; };", 31);
    check_threads("pool:{threads=1;spare_threads=2;batch=3}", 1);
}

static void what_is_no_number_is_no_syntax(void)
{
    check_complaints("pool: { threads = 8x; };", "t.conf:1: syntax error\n");
    check_complaints("pool: {\nthreads = 0x; };", "t.conf:2: threads: syntax error\n");
    check_complaints("pool: { threads = 1-1; };", "t.conf:1: syntax error\n");
    check_complaints("pool: { threads = -; };", "t.conf:1: syntax error\n");
    check_complaints("pool: { threads = 8LLL; };", "t.conf:1: syntax error\n");
    check_complaints("pool: { threads = -0x10; };", "t.conf:1: syntax error\n");
    check_complaints("pool: { threads = 1e2; };",
                     "t.conf:1: pool.threads: 0..1024 expected, got 100\n");
    check_complaints("pool: { threads = 1.5e-1; };",
                     "t.conf:1: pool.threads: 0..1024 expected, got 0.15\n");
    check_complaints("pool: { threads = .5; };",
                     "t.conf:1: pool.threads: 0..1024 expected, got 0.5\n");
}

static void comments_are_left_out(void)
{
    check_threads("# threads = 1;\npool: { // { \"\n threads /* = 1; } \n */ = 4; }; # \"", 4);
    check_threads("/**/pool: { threads = 4; } //", 4);
    check_threads("\xef\xbb\xbfpool: { threads = 4; };\r\n", 4);
    check_complaints("/* 1\n 2 */ pool: {\n /* 3\n */ x = 1; };",
                     "t.conf:4: pool.x: unknown key\n");
}

static void strings_are_what_stands_between_the_quotes(void)
{
    struct config *config = settings_load("server: { description = \"# 1 // 2 /* 3 \\\" \\\\\";\n"
                                          "motd = \"a\" /* and */\n \"b\"; };");

    CU_ASSERT_STRING_EQUAL(config->server.description, "# 1 // 2 /* 3 \" \\");
    CU_ASSERT_STRING_EQUAL(config->server.motd, "ab");
    config_unref(config);
    check_complaints("server: { motd = \"a\n\";\n x = 1; };",
                     "t.conf:1: server.motd: \"\" or the path of a file expected, got \"a\\x0a\"\n"
                     "t.conf:3: server.x: unknown key\n");
}

static void what_never_ends_is_found_where_it_begins(void)
{
    check_complaints("pool: {\n};\n talk: { lobby = \"#x;\n};\n",
                     "t.conf:3: this string never ends\n");
    check_complaints("server: { motd = \"a\" \"b\n", "t.conf:1: this string never ends\n");
    check_complaints("server: { motd = \"\\", "t.conf:1: this string never ends\n");
    check_complaints("\n/* x\n\n", "t.conf:2: this comment never ends\n");
    check_complaints("/*/", "t.conf:1: this comment never ends\n");
    check_complaints("pool: {\n threads = 1;\n\n\n", "t.conf:1: this \"{\" is never closed\n");
    check_complaints("\npool: {\n threads = (\n", "t.conf:3: this \"(\" is never closed\n"
                                                  "t.conf:2: this \"{\" is never closed\n");
}

static void brackets_that_do_not_match_are_named(void)
{
    check_complaints("pool: {\n threads = 1;\n);",
                     "t.conf:3: \")\" cannot close the \"{\" of t.conf:1\n");
    check_complaints("pool: { };\n};", "t.conf:2: \"}\" closes nothing\n");
    check_complaints("\nx=((((((((((((((((1))))))))))))))));", "t.conf:2: x: unknown key\n");
    check_complaints("\nx=(((((((((((((((((1)))))))))))))))));",
                     "t.conf:2: brackets are nested more than 16 deep\n");
}

#define BYTES(text) (text), sizeof(text) - 1

static void a_nul_is_refused(void)
{
    static const struct {
        const char *text;
        size_t size;
        const char *complaint;
    } cases[] = {
        {BYTES("pool: { };\n\0"), "t.conf:2: a NUL byte: this is no text"},
        {BYTES("server: { motd = \"\0\"; };"), "t.conf:1: a string cannot hold a NUL"},
        {BYTES("server: { motd = \"a\\x00b\"; };"), "t.conf:1: a string cannot hold a NUL"},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config_errors errors;
        struct config *config;

        config_errors_init(&errors);
        EXPECT_RESULT(config_load_text("t.conf", cases[i].text, cases[i].size, &config, &errors),
                      CONFIG_INVALID);
        CU_ASSERT_EQUAL_FATAL(errors.count, 1);
        CU_ASSERT_STRING_EQUAL(errors.messages[0], cases[i].complaint);
        config_errors_deinit(&errors);
    }
    /* This backslash is itself escaped. */
    config_unref(settings_load("server: { motd = \"\\\\x00\"; };"));
}

static void syntax_errors_have_their_line(void)
{
    check_complaints("pool: {\n threads = ;\n};", "t.conf:2: threads: syntax error\n");
    check_complaints("pool: {\n\n threads 4;\n};", "t.conf:3: syntax error\n");
    check_complaints("pool: {\n threads = 4;\n batch = 1;\n threads = 5;\n};",
                     "t.conf:4: threads: duplicate setting name\n");
    check_complaints("pool: { };\nlog: { };\npool: { };",
                     "t.conf:3: pool: duplicate setting name\n");
    check_complaints("pool: { threads = 4; threads = 5; };", "t.conf:1: duplicate setting name\n");
    check_complaints("x = [ 1,\n \"y\" ];", "t.conf:2: mismatched element type in array\n");
    check_complaints("talk: { lobby = \"#x\"\n \"#y\" 5; };", "t.conf:2: syntax error\n");
    check_complaints("\xff", "t.conf:1: syntax error\n");
    check_complaints("pool", "t.conf:1: syntax error\n");
    check_complaints("log: { };\npool # x\n\n\n", "t.conf:2: syntax error\n");
}

static void nothing_is_included_from_memory(void)
{
    check_complaints("\n@include \"/dev/null\"\n",
                     "t.conf:2: @include: nothing can be included here\n");
}

/* A folder with a file a.conf, and others: NAME and TEXT by turns, ended by NULL. */
struct tree {
    char *folder;
    char *path;
};

static struct tree plant(const char *const *files)
{
    struct tree tree = {.folder = folder_new()};

    EXPECT(tree.folder, "no folder");
    for (; files[0]; files += 2) {
        char *path = settings_write(tree.folder, files[0], files[1]);

        if (strcmp(files[0], "a.conf") == 0)
            tree.path = path;
        else
            free(path);
    }
    return tree;
}

static void fell(struct tree *tree)
{
    free(tree->path);
    folder_remove(tree->folder);
}

/* What is said of a tree's a.conf, with the folder's path left out of the messages. */
static void check_tree(const char *const *files, const char *expected)
{
    struct tree tree = plant(files);
    char *complaints = settings_complaints_file(tree.path);
    size_t length = strlen(tree.folder) + 1;
    char *at = complaints;

    while ((at = strstr(at, tree.folder)))
        memmove(at, at + length, strlen(at + length) + 1);
    EXPECT(strcmp(complaints, expected) == 0, "is said:\n%sexpected:\n%s", complaints, expected);
    free(complaints);
    fell(&tree);
}

static void included_files_take_the_place_of_the_line(void)
{
    struct tree tree = plant((const char *const[]){
        "a.conf",
        "pool: {\n @include \"b.conf\"\n batch = 2;\n};\n@include\t\"c.conf\" log: { };\n",
        "b.conf", "threads = 1;\nspare_threads = 3; # no newline", "c.conf", "talk: { };", NULL});
    struct config *config = settings_load_file(tree.path);

    CU_ASSERT_EQUAL(config->pool.threads, 1);
    CU_ASSERT_EQUAL(config->pool.spare_threads, 3);
    CU_ASSERT_EQUAL(config->pool.batch, 2);
    CU_ASSERT_EQUAL(config_place_of(config, "pool", "spare_threads").line, 2);
    CU_ASSERT_PTR_NOT_NULL(strstr(config_place_of(config, "pool", "threads").file, "/b.conf"));
    CU_ASSERT_EQUAL(config_place_of(config, "pool", "batch").line, 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(config_place_of(config, "pool", "batch").file, "/a.conf"));
    config_unref(config);
    fell(&tree);
}

static void errors_name_the_included_file(void)
{
    check_tree((const char *const[]){"a.conf", "@include \"b.conf\"\npool: { x = 1; };", "b.conf",
                                     "\n\nlog: { leve = 1; };\n", NULL},
               "b.conf:3: log.leve: unknown key, did you mean \"level\"?\n"
               "a.conf:2: pool.x: unknown key\n");
    check_tree((const char *const[]){"a.conf", "pool: { };\n@include \"b.conf\"\n", "b.conf",
                                     "\nlog: { level = \"info;\n", NULL},
               "b.conf:2: this string never ends\n");
    check_tree((const char *const[]){"a.conf", "pool: { };\n@include \"b.conf\"\n", "b.conf",
                                     "\nlog: ;\n", NULL},
               "b.conf:2: log: syntax error\n");
    check_tree(
        (const char *const[]){"a.conf", "\n@include \"b.conf\"\n }", "b.conf", "pool: (", NULL},
        "a.conf:3: \"}\" cannot close the \"(\" of b.conf:1\n");
    check_tree((const char *const[]){"a.conf", "\n\n@include \"none.conf\"\n/*", NULL},
               "a.conf:3: @include: none.conf: No such file or directory\n"
               "a.conf:4: this comment never ends\n");
    check_tree((const char *const[]){"a.conf", "pool: { threads = 1; };\n@include \"b.conf\"\n",
                                     "b.conf", "\npool: { };\n", NULL},
               "b.conf:2: pool: duplicate setting name\n");
}

static void paths_start_from_the_file_that_includes(void)
{
    struct tree tree = plant((const char *const[]){"a.conf", "@include \"sub/b.conf\"\n", "c.conf",
                                                   "pool: { threads = 5; };", NULL});
    char *sub = folder_path(tree.folder, "sub");
    struct config *config;

    CU_ASSERT_EQUAL_FATAL(mkdir(sub, 0700), 0);
    free(settings_write(sub, "b.conf", "@include \"../c.conf\"\n"));
    free(sub);
    config = settings_load_file(tree.path);
    CU_ASSERT_EQUAL(config->pool.threads, 5);
    config_unref(config);
    fell(&tree);
}

static void an_include_needs_the_name_of_a_file(void)
{
    check_tree((const char *const[]){"a.conf", "@include b.conf\n", NULL},
               "a.conf:1: @include: the name of a file between quotation marks expected\n");
    check_tree((const char *const[]){"a.conf", "@include \"\"\n", NULL},
               "a.conf:1: @include: the name of a file between quotation marks expected\n");
    check_tree((const char *const[]){"a.conf", "@include \"x\n\"", NULL},
               "a.conf:1: @include: the name of a file between quotation marks expected\n");
    check_tree((const char *const[]){"a.conf", "pool: { @include \"b.conf\" };", NULL},
               "a.conf:1: pool: syntax error\n");
}

static void files_that_include_each_other_without_end_are_stopped(void)
{
    check_tree((const char *const[]){"a.conf", "@include \"b.conf\"\n", "b.conf",
                                     "\n@include \"a.conf\"\n@include \"a.conf\"\n", NULL},
               "a.conf:1: @include: too many files include each other\n");
}

#define THREE_TIMES(text) text text text

static void files_may_be_included_many_times_one_after_the_other(void)
{
    struct tree tree = plant((const char *const[]){
        "a.conf",
        THREE_TIMES(THREE_TIMES(THREE_TIMES("@include \"b.conf\"\n"))) "pool: { batch = 7; };",
        "b.conf", "# nothing\n", NULL});
    struct config *config = settings_load_file(tree.path);

    CU_ASSERT_EQUAL(config->pool.batch, 7);
    CU_ASSERT_EQUAL(config_place_of(config, "pool", "batch").line, 28);
    config_unref(config);
    fell(&tree);
}

static void unreadable_files_are_named_with_the_reason(void)
{
    char *folder = folder_new();
    char *none;
    char *complaints;

    EXPECT(folder, "no folder");
    none = folder_path(folder, "none");
    EXPECT(none, "no memory");
    complaints = settings_complaints_file(none);
    CU_ASSERT_PTR_EQUAL(strstr(complaints, none), complaints);
    CU_ASSERT_STRING_EQUAL(complaints + strlen(none), ": No such file or directory\n");
    free(complaints);
    complaints = settings_complaints_file(folder);
    CU_ASSERT_STRING_EQUAL(complaints + strlen(folder), ": Is a directory\n");
    free(complaints);
    free(none);
    folder_remove(folder);
}

static void too_large_files_are_refused(void)
{
    size_t size = CONFIG_SOURCE_MAX + 2;
    char *text = malloc(size);

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    memset(text, '\n', size - 1);
    text[size - 1] = '\0';
    check_tree((const char *const[]){"a.conf", text, NULL}, "a.conf: File too large\n");
    text[size - 2] = '\0';
    check_tree((const char *const[]){"a.conf", "@include \"b.conf\"\n", "b.conf", text, NULL},
               "b.conf: more than 1048576 bytes of configuration\n");
    free(text);
}

static void without_memory_files_are_not_read_and_nothing_leaks(void)
{
    struct tree tree =
        plant((const char *const[]){"a.conf", "@include \"b.conf\"\nlog: { level = \"debug\"; };\n",
                                    "b.conf", "pool: { threads = 1; };\n", NULL});
    long n = 0;

    do {
        struct config_errors errors;
        struct config *config;
        int outcome;

        config_errors_init(&errors);
        failmalloc_after(++n);
        outcome = config_load(tree.path, &config, &errors);
        failmalloc_off();
        CU_ASSERT_EQUAL(outcome, failmalloc_fired() ? -ENOMEM : 0);
        CU_ASSERT_EQUAL(config == NULL, failmalloc_fired());
        CU_ASSERT_EQUAL(errors.count, 0);
        config_unref(config);
        config_errors_deinit(&errors);
    } while (failmalloc_fired() && n < 1000);
    CU_ASSERT(n > 20 && n < 1000);
    fell(&tree);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"numbers are decimal or hexadecimal", numbers_are_decimal_or_hexadecimal},
        {"what is no number is no syntax", what_is_no_number_is_no_syntax},
        {"comments are left out", comments_are_left_out},
        {"strings are what stands between the quotes", strings_are_what_stands_between_the_quotes},
        {"what never ends is found where it begins", what_never_ends_is_found_where_it_begins},
        {"brackets that do not match are named", brackets_that_do_not_match_are_named},
        {"a NUL is refused", a_nul_is_refused},
        {"syntax errors have their line", syntax_errors_have_their_line},
        {"nothing is included from memory", nothing_is_included_from_memory},
        {"included files take the place of the line", included_files_take_the_place_of_the_line},
        {"errors name the included file", errors_name_the_included_file},
        {"paths start from the file that includes", paths_start_from_the_file_that_includes},
        {"an include needs the name of a file", an_include_needs_the_name_of_a_file},
        {"files that include each other without end are stopped",
         files_that_include_each_other_without_end_are_stopped},
        {"files may be included many times one after the other",
         files_may_be_included_many_times_one_after_the_other},
        {"unreadable files are named with the reason", unreadable_files_are_named_with_the_reason},
        {"too large files are refused", too_large_files_are_refused},
        {"without memory files are not read and nothing leaks",
         without_memory_files_are_not_read_and_nothing_leaks},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "config source", tests);
}
