/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/engine/suite.h"
#include "tests/engine/suite_over.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void line_comes_back(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "hello\n");
    PEER_EXPECT(peer, "hello\n");
    peer_close(peer);
    engine_finish(engine);
}

/* COUNT numbered lines in one text, to be freed. */
static char *make_lines(unsigned count, size_t *size)
{
    char *text = malloc(count * (size_t)24);
    size_t used = 0;
    unsigned i;

    EXPECT(text, "no memory");
    for (i = 0; i < count; i++)
        used += (size_t)sprintf(text + used, "line number %u\n", i);
    *size = used;
    return text;
}

static void many_lines_keep_their_order(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);
    size_t size;
    char *text = make_lines(20000, &size);

    PEER_SEND(peer, text, size);
    PEER_EXPECT_BYTES(peer, text, size);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 20000);
    free(text);
    peer_close(peer);
    engine_finish(engine);
}

static void lines_of_one_read_go_back_in_one_send(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);
    struct pl_stats stats;
    size_t size;
    char *text = make_lines(50, &size);

    ENGINE_PING(peer);
    PEER_SEND(peer, text, size);
    PEER_EXPECT_BYTES(peer, text, size);
    peer_close(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    pl_server_stats(engine->handle, &stats);
    EXPECT(stats.writes <= 2 + suite_over_writes, "%llu writes", /* a ping's, all the others' */
           (unsigned long long)stats.writes);
    free(text);
    engine_finish(engine);
}

static void parts_make_one_line(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "one\ntw");
    ENGINE_WAIT_BYTES_IN(engine, 6);
    PEER_EXPECT(peer, "one\n");
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 1);
    PEER_SEND_TEXT(peer, "o");
    ENGINE_WAIT_BYTES_IN(engine, 7);
    PEER_SEND_TEXT(peer, "\nthr");
    PEER_EXPECT(peer, "two\n");
    PEER_SEND_TEXT(peer, "ee\n");
    PEER_EXPECT(peer, "three\n");
    peer_close(peer);
    engine_finish(engine);
}

static void one_byte_at_a_time(void)
{
    static const char text[] = "abc\r\n\ndef\n";
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);
    size_t i;

    for (i = 0; i < sizeof(text) - 1; i++) {
        PEER_SEND(peer, text + i, 1);
        ENGINE_WAIT_BYTES_IN(engine, i + 1);
    }
    PEER_EXPECT(peer, text);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 3);
    peer_close(peer);
    engine_finish(engine);
}

static void expect_line(struct engine *engine, size_t index, const char *bytes, size_t length)
{
    const struct record *record = RECORDER_GET(engine->recorder, RECORD_LINE, index);

    EXPECT_RESULT(record->length, length);
    EXPECT_RESULT(record->size, strlen(bytes));
    EXPECT(memcmp(record->text, bytes, record->size) == 0, "line %zu is %s", index, record->text);
}

static void ends_of_lines_are_told(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "lf\ncrlf\r\n\n\r\nlone\rcr\ntwo\r\r\n");
    expect_line(engine, 0, "lf\n", 2);
    expect_line(engine, 1, "crlf\r\n", 4);
    expect_line(engine, 2, "\n", 0);
    expect_line(engine, 3, "\r\n", 0);
    expect_line(engine, 4, "lone\rcr\n", 7);
    expect_line(engine, 5, "two\r\r\n", 4);
    peer_close(peer);
    engine_finish(engine);
}

static void crlf_may_be_split_between_reads(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "abc\r");
    ENGINE_WAIT_BYTES_IN(engine, 4);
    PEER_SEND_TEXT(peer, "\nd\n");
    expect_line(engine, 0, "abc\r\n", 3);
    expect_line(engine, 1, "d\n", 1);
    peer_close(peer);
    engine_finish(engine);
}

static struct pl_listener_options short_lines(size_t max_line)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.max_line = max_line;
    return options;
}

static void limit_counts_the_end_of_the_line(void)
{
    struct pl_listener_options options = short_lines(8);
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "1234567\n123456\r\n12345678\n1234567\r\nok\n");
    PEER_EXPECT(peer, "1234567\n123456\r\nok\n");
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_FAULT), 2);
    peer_close(peer);
    engine_finish(engine);
}

static void too_long_line_is_told_once_and_skipped(void)
{
    struct pl_listener_options options = short_lines(16);
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer = PEER_CONNECT(engine->port);
    const struct record *record;
    char story[16];
    uint64_t id;

    PEER_SEND_TEXT(peer, "first\n0123456789abcdef");
    ENGINE_WAIT_BYTES_IN(engine, 22);
    PEER_SEND_TEXT(peer, "ghij");
    ENGINE_WAIT_BYTES_IN(engine, 26);
    PEER_SEND_TEXT(peer, "klmnopqrstuvwxyz\nlast\n");
    PEER_EXPECT(peer, "first\nlast\n");
    record = RECORDER_GET(engine->recorder, RECORD_FAULT, 0);
    id = record->session;
    EXPECT_RESULT(record->detail, PL_FAULT_TOO_LONG);
    EXPECT(record->size > 0 && record->size <= 16, "head of %zu bytes", record->size);
    EXPECT(memcmp(record->text, "0123456789abcdef", record->size) == 0, "head: %s", record->text);
    peer_close(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    recorder_story(engine->recorder, id, story, sizeof(story));
    EXPECT(strcmp(story, "olflc") == 0, "calls: %s", story);
    engine_finish(engine);
}

static void too_long_line_in_one_read_is_told_once(void)
{
    struct pl_listener_options options = short_lines(16);
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer = PEER_CONNECT(engine->port);
    char text[10001];
    int i;

    memset(text, 'x', 10000);
    text[10000] = '\n';
    for (i = 0; i < 5; i++) {
        PEER_SEND(peer, text, sizeof(text));
        ENGINE_PING(peer);
        EXPECT_RESULT(recorder_count(engine->recorder, RECORD_FAULT), i + 1);
    }
    peer_close(peer);
    engine_finish(engine);
}

static void too_long_line_cut_short_is_told_once(void)
{
    struct pl_listener_options options = short_lines(16);
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "0123456789abcdefghij");
    ENGINE_WAIT_BYTES_IN(engine, 20);
    PEER_SEND_TEXT(peer, "klmno");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT_END(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_FAULT), 1);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 0);
    peer_close(peer);
    engine_finish(engine);
}

static void say_why(struct pl_session *session, enum pl_reason reason)
{
    pl_session_printf(session, "goodbye: %s\n", pl_reason_text(reason));
}

static void unterminated_input_past_recvq_ends_the_session(void)
{
    static const struct pl_service hooks = {.line = record_echo, .farewell = say_why};
    struct pl_listener_options options = short_lines(64);
    struct engine *engine;
    struct peer *peer, *other;
    char text[2000], wanted[200];

    options.recvq = 1000;
    engine = engine_start_with(&hooks, &options);
    peer = PEER_CONNECT(engine->port);
    other = PEER_CONNECT(engine->port);
    memset(text, 'x', sizeof(text));
    PEER_SEND(peer, text, 900);
    ENGINE_PING(other);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_FAREWELL), 0);
    PEER_SEND(peer, text, sizeof(text));
    snprintf(wanted, sizeof(wanted), "goodbye: %s\n", pl_reason_text(PL_REASON_RECVQ));
    PEER_EXPECT(peer, wanted);
    PEER_EXPECT_GONE(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RECVQ);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_FAREWELL, 0)->detail, PL_REASON_RECVQ);
    ENGINE_PING(other);
    peer_close(other);
    peer_close(peer);
    engine_finish(engine);
}

static void nul_passes_unless_refused(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND(peer, "a\0b\n\0\n", 6);
    PEER_EXPECT_BYTES(peer, "a\0b\n\0\n", 6);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_LINE, 0)->length, 3);
    peer_close(peer);
    engine_finish(engine);
}

static void refused_nul_is_a_fault(void)
{
    static const struct pl_service hooks = {.line = record_echo, .flags = PL_SERVICE_REFUSE_NUL};
    struct engine *engine = engine_start(&hooks);
    struct peer *peer = PEER_CONNECT(engine->port);
    const struct record *record;

    PEER_SEND(peer, "good\na\0b\nbetter\n", 16);
    PEER_EXPECT(peer, "good\nbetter\n");
    record = RECORDER_GET(engine->recorder, RECORD_FAULT, 0);
    EXPECT_RESULT(record->detail, PL_FAULT_NUL);
    EXPECT_RESULT(record->length, 3);
    EXPECT(memcmp(record->text, "a\0b", 3) == 0, "the head is not the line");
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_FAULT), 1);
    peer_close(peer);
    engine_finish(engine);
}

static void last_line_needs_no_end(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "first\nlast");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT(peer, "first\nlast");
    PEER_EXPECT_END(peer);
    expect_line(engine, 1, "last", 4);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    peer_close(peer);
    engine_finish(engine);
}

static void end_of_input_without_a_rest_is_no_line(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "only\n");
    PEER_HALF_CLOSE(peer);
    PEER_EXPECT(peer, "only\n");
    PEER_EXPECT_END(peer);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_EOF);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 1);
    peer_close(peer);
    engine_finish(engine);
}

static void line_longer_than_a_read(void)
{
    struct pl_listener_options options = short_lines(1 << 20);
    struct engine *engine = engine_start_with(&suite_echo, &options);
    struct peer *peer = PEER_CONNECT(engine->port);
    size_t size = 700001;
    char *text = malloc(size);
    size_t i;

    EXPECT(text, "no memory");
    for (i = 0; i < size; i++)
        text[i] = (char)('a' + i % 23);
    text[size - 1] = '\n';
    PEER_SEND(peer, text, size);
    PEER_EXPECT_BYTES(peer, text, size);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 1);
    free(text);
    peer_close(peer);
    engine_finish(engine);
}

static void peers_do_not_mix(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peers[20];
    char text[64];
    int i, round;

    for (i = 0; i < 20; i++)
        peers[i] = PEER_CONNECT(engine->port);
    for (round = 0; round < 20; round++) {
        for (i = 0; i < 20; i++) {
            snprintf(text, sizeof(text), "peer %d round %d\nand more\n", i, round);
            PEER_SEND_TEXT(peers[i], text);
        }
        for (i = 0; i < 20; i++) {
            snprintf(text, sizeof(text), "peer %d round %d\nand more\n", i, round);
            PEER_EXPECT(peers[i], text);
        }
    }
    for (i = 0; i < 20; i++)
        peer_close(peers[i]);
    engine_finish(engine);
}

static void reset_in_a_line_ends_the_session(void)
{
    struct engine *engine = engine_start(&suite_echo);
    struct peer *peer = PEER_CONNECT(engine->port);

    PEER_SEND_TEXT(peer, "half a li");
    ENGINE_WAIT_BYTES_IN(engine, 9);
    peer_reset(peer);
    RECORDER_WAIT(engine->recorder, RECORD_CLOSE, 1);
    EXPECT_RESULT(RECORDER_GET(engine->recorder, RECORD_CLOSE, 0)->detail, PL_REASON_RESET);
    EXPECT_RESULT(recorder_count(engine->recorder, RECORD_LINE), 0);
    engine_finish(engine);
}

/* Where the line stood, and how much of it there was. */
struct spot {
    const char *text;
    size_t size;
};

static void have_it_wiped(struct pl_session *session, const struct pl_line *line)
{
    struct spot *spot = session_user(session);

    *spot = (struct spot){line->text, line->size};
    pl_session_wipe_line(session);
    pl_session_again(session);
}

/* Before anything else is read or delivered the memory is still the session's. */
static void look_whether_it_is(struct pl_session *session)
{
    const struct spot *spot = session_user(session);
    size_t left = 0;

    for (size_t i = 0; i < spot->size; i++)
        left += spot->text[i] != 0;
    pl_session_printf(session, "%zu of %zu left\n", left, spot->size);
}

static void line_with_a_secret_is_overwritten(void)
{
    static const struct pl_service hooks = {.line = have_it_wiped, .again = look_whether_it_is};
    struct engine *engine = engine_prepare(&hooks, NULL, NULL);
    struct spot spot;
    struct peer *peer;

    recorder_set_user(engine->recorder, &spot);
    server_start(engine->server);
    peer = ENGINE_CONNECT(engine);
    PEER_SEND_TEXT(peer, "secret\n");
    PEER_EXPECT(peer, "0 of 7 left\n");
    PEER_SEND_TEXT(peer, "one\r\nsecond\nthe th");
    PEER_EXPECT(peer, "0 of 5 left\n0 of 7 left\n");
    PEER_SEND_TEXT(peer, "ird\n");
    PEER_EXPECT(peer, "0 of 10 left\n");
    peer_close(peer);
    engine_finish(engine);
}

int main(int argc, char **argv)
{
    static const struct unit_test each[] = {
        {"a line comes back", line_comes_back},
        {"many lines keep their order", many_lines_keep_their_order},
        {"lines of one read go back in one send", lines_of_one_read_go_back_in_one_send},
        {"parts make one line", parts_make_one_line},
        {"one byte at a time is served", one_byte_at_a_time},
        {"ends of lines are told", ends_of_lines_are_told},
        {"CR LF may be split between reads", crlf_may_be_split_between_reads},
        {"the limit counts the end of the line", limit_counts_the_end_of_the_line},
        {"a too long line is told once and skipped", too_long_line_is_told_once_and_skipped},
        {"a too long line in one read is told once", too_long_line_in_one_read_is_told_once},
        {"a too long line cut short is told once", too_long_line_cut_short_is_told_once},
        {"unterminated input past recvq ends the session",
         unterminated_input_past_recvq_ends_the_session},
        {"a NUL passes unless refused", nul_passes_unless_refused},
        {"a refused NUL is a fault", refused_nul_is_a_fault},
        {"the last line needs no end", last_line_needs_no_end},
        {"end of input without a rest is no line", end_of_input_without_a_rest_is_no_line},
        {"a line may be longer than a read", line_longer_than_a_read},
        {"peers do not mix", peers_do_not_mix},
        {"a reset in a line ends the session", reset_in_a_line_ends_the_session},
        {"a line with a secret is overwritten", line_with_a_secret_is_overwritten},
        {NULL, NULL},
    };

    return suite_main(argc, argv, "lines", each, NULL);
}
