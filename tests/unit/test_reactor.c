/* SPDX-License-Identifier: MIT */
/* What the models over readiness share: the mailbox, registrations and transfers. */
#include "config.h"

#include "engine/reactor.h"
#include "tests/lib/crowd.h"
#include "tests/lib/expect.h"
#include "tests/lib/unit.h"
#include "tests/unit/fake_model.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* -- Mailbox -------------------------------------------------------------------------------- */

static struct pli_mailbox mailbox;
static int epoll;

static void push_to_mailbox(struct pli_handle *handle)
{
    pli_mailbox_push(&mailbox, handle);
}

/* The fake model, but for posts: those go to a mailbox. */
static struct pli_model with_mailbox(void)
{
    struct pli_model model = fake_oneshot;

    model.post = push_to_mailbox;
    return model;
}

static void mailbox_open(void)
{
    epoll = epoll_create1(EPOLL_CLOEXEC);
    EXPECT(epoll >= 0, "epoll_create1: %s", strerror(errno));
    EXPECT_RESULT(pli_mailbox_init(&mailbox, epoll), 0);
}

static void mailbox_close(void)
{
    pli_mailbox_deinit(&mailbox);
    CU_ASSERT_EQUAL(mailbox.fd, -1);
    pli_mailbox_deinit(&mailbox); /* again is harmless */
    close(epoll);
}

/* Whether the mailbox's owner would be woken: at once, or within TIMEOUT milliseconds. */
static bool woken_within(int timeout)
{
    struct epoll_event event;
    int count = epoll_wait(epoll, &event, 1, timeout);

    if (count == 1)
        CU_ASSERT_EQUAL(event.data.u64, PLI_MAILBOX_ID);
    return count == 1;
}

#define LETTERS 3u

/* A thread numbers what it wants, and the handle writes down which number it has seen. */
struct letter {
    struct pli_handle handle;
    _Atomic unsigned wanted;
    _Atomic unsigned seen; /* claim holder writes */
    unsigned number;
    bool freed;
};

static unsigned order[16];
static unsigned ran;

static int letter_run(struct pli_handle *handle, unsigned notes)
{
    struct letter *letter = (struct letter *)handle;

    atomic_store(&letter->seen, atomic_load_explicit(&letter->wanted, memory_order_relaxed));
    if (ran < 16)
        order[ran++] = letter->number;
    return notes & PLI_CLOSE ? PLI_DONE : PLI_HUP;
}

static void letter_free(struct pli_handle *handle)
{
    ((struct letter *)handle)->freed = true;
}

static const struct pli_handle_class letter_class = {
    .name = "letter", .run = letter_run, .free = letter_free};

/* Makes letters that have begun; what that posted is out of the mailbox. */
static void write_letters(struct pli_engine *engine, struct letter *letters, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        letters[i] = (struct letter){.number = i};
        pli_handle_init(&letters[i].handle, engine, &letter_class, -1);
        EXPECT_RESULT(pli_handle_add(&letters[i].handle), 0);
        pli_handle_begin(&letters[i].handle);
    }
}

static unsigned take_all(void)
{
    struct pli_handle *next;
    unsigned count = 0;

    for (struct pli_handle *handle = pli_mailbox_take(&mailbox); handle; handle = next) {
        next = handle->next_posted;
        pli_mailbox_kick(handle);
        count++;
    }
    return count;
}

static void end_letters(struct letter *letters, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        pli_handle_kick(&letters[i].handle, PLI_CLOSE);
    for (unsigned i = 0; i < count; i++)
        CU_ASSERT(letters[i].freed);
}

static void posts_wake_and_come_out_oldest_first(void)
{
    struct pli_model model = with_mailbox();
    struct pli_engine_options options = {.threads = 1, .batch = 1};
    struct letter letters[LETTERS];
    struct pli_engine engine;

    mailbox_open();
    EXPECT_RESULT(pli_engine_init(&engine, &model, &options), 0);
    CU_ASSERT(woken_within(0)); /* the engine's timer begins */
    CU_ASSERT_EQUAL(take_all(), 1);
    CU_ASSERT(!woken_within(0));
    CU_ASSERT_EQUAL(take_all(), 0);
    write_letters(&engine, letters, LETTERS);
    CU_ASSERT(woken_within(0));
    CU_ASSERT(woken_within(0)); /* until the owner comes */
    ran = 0;
    CU_ASSERT_EQUAL(take_all(), LETTERS);
    CU_ASSERT(!woken_within(0));
    for (unsigned i = 0; i < LETTERS; i++)
        CU_ASSERT_EQUAL(order[i], i);
    pli_handle_post(&letters[1].handle, PLI_TIMER);
    pli_handle_post(&letters[1].handle, PLI_TIMER);
    CU_ASSERT(woken_within(0));
    CU_ASSERT_EQUAL(take_all(), 1);
    end_letters(letters, LETTERS);
    pli_engine_deinit(&engine);
    mailbox_close();
}

static void owner_can_be_woken_without_a_post(void)
{
    mailbox_open();
    pli_mailbox_wake(&mailbox);
    pli_mailbox_wake(&mailbox);
    CU_ASSERT(woken_within(0));
    CU_ASSERT_PTR_NULL(pli_mailbox_take(&mailbox));
    CU_ASSERT(!woken_within(0));
    mailbox_close();
}

static void what_is_never_taken_is_given_back(void)
{
    struct pli_model model = with_mailbox();
    struct pli_engine_options options = {.threads = 1, .batch = 1};
    struct letter letters[LETTERS];
    struct pli_engine engine;

    mailbox_open();
    EXPECT_RESULT(pli_engine_init(&engine, &model, &options), 0);
    write_letters(&engine, letters, LETTERS);
    for (unsigned i = 0; i < LETTERS; i++)
        pli_handle_kick(&letters[i].handle, PLI_CLOSE);
    CU_ASSERT(!letters[0].freed);
    mailbox_close();
    for (unsigned i = 0; i < LETTERS; i++)
        CU_ASSERT(letters[i].freed);
    pli_engine_deinit(&engine);
}

static void mailbox_needs_an_epoll_set(void)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int after;

    EXPECT_RESULT(pli_mailbox_init(&mailbox, -1), -EBADF);
    CU_ASSERT_EQUAL(mailbox.fd, -1);
    after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    CU_ASSERT_EQUAL(after, before + 1); /* no descriptor is left in between */
    close(after);
    close(before);
}

/* -- The mailbox between threads -------------------------------------------------------------- */

#define SENDERS 3u
#define POSTS   30000u

struct exchange {
    struct letter letters[SENDERS];
    _Atomic unsigned wrong;
};

static bool all_seen(struct exchange *exchange)
{
    for (unsigned i = 0; i < SENDERS; i++)
        if (atomic_load(&exchange->letters[i].seen) != POSTS)
            return false;
    return true;
}

/* The owner sleeps whenever it is not woken: a wake-up too few, and it never sees the last posts. */
static void receive(struct exchange *exchange)
{
    uint64_t deadline = expect_deadline();

    while (!all_seen(exchange)) {
        struct epoll_event event;

        if (epoll_wait(epoll, &event, 1, expect_remaining(deadline)) != 1) {
            atomic_fetch_add(&exchange->wrong, 1);
            return;
        }
        take_all();
    }
}

static void send_or_receive(unsigned number, void *argument)
{
    struct exchange *exchange = argument;

    if (number == SENDERS) {
        receive(exchange);
        return;
    }
    for (unsigned i = 1; i <= POSTS; i++) {
        struct letter *letter = &exchange->letters[number];

        atomic_store_explicit(&letter->wanted, i, memory_order_relaxed);
        pli_handle_post(&letter->handle, PLI_TIMER);
        /* The next one comes just as this one has been seen. */
        while (atomic_load(&letter->seen) != i && atomic_load(&exchange->wrong) == 0)
            sched_yield();
    }
}

static void no_post_is_lost_between_threads(void)
{
    struct pli_model model = with_mailbox();
    struct pli_engine_options options = {.threads = 1, .batch = 1};
    static struct exchange exchange;
    struct pli_engine engine;

    mailbox_open();
    EXPECT_RESULT(pli_engine_init(&engine, &model, &options), 0);
    write_letters(&engine, exchange.letters, SENDERS);
    crowd_run(SENDERS + 1, send_or_receive, &exchange);
    CU_ASSERT_EQUAL(exchange.wrong, 0);
    take_all();
    CU_ASSERT(all_seen(&exchange));
    end_letters(exchange.letters, SENDERS);
    pli_engine_deinit(&engine);
    mailbox_close();
}

/* -- Registrations -------------------------------------------------------------------------- */

static void events_become_notes(void)
{
    static const struct {
        uint32_t events;
        unsigned notes;
    } cases[] = {
        {EPOLLIN, PLI_IN},
        {EPOLLOUT, PLI_OUT},
        {EPOLLIN | EPOLLOUT, PLI_IN | PLI_OUT},
        {EPOLLRDHUP, PLI_IN},
        {EPOLLHUP, PLI_HUP},
        {EPOLLERR, PLI_HUP},
        {EPOLLOUT | EPOLLERR | EPOLLHUP, PLI_OUT | PLI_HUP},
        /* What is left to read comes first. */
        {EPOLLIN | EPOLLHUP, PLI_IN},
        {EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP, PLI_IN | PLI_OUT},
        {0, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        CU_ASSERT_EQUAL(pli_reactor_notes(cases[i].events), cases[i].notes);
}

/* A handle with one end of a pair of sockets, and the other end. */
struct pair {
    struct pli_engine engine;
    struct pli_worker *worker;
    struct letter near;
    int far;
};

static void pair_open(struct pair *pair)
{
    int ends[2];

    epoll = epoll_create1(EPOLL_CLOEXEC);
    EXPECT_RESULT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    fake_start(&pair->engine, &fake_oneshot);
    pair->near = (struct letter){.number = 0};
    pli_handle_init(&pair->near.handle, &pair->engine, &letter_class, ends[0]);
    pair->near.handle.id = 4711;
    pair->far = ends[1];
    pair->worker = pli_worker_new(&pair->engine);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pair->worker);
    pli_worker_enter(pair->worker);
}

static void pair_close(struct pair *pair)
{
    pli_worker_enter(NULL);
    pli_worker_retire(pair->worker);
    fake_end(&pair->engine);
    close(pair->near.handle.fd);
    if (pair->far >= 0)
        close(pair->far);
    close(epoll);
}

/* The events of the handle that are there now. */
static uint32_t events_now(void)
{
    struct epoll_event event = {0};
    int count = epoll_wait(epoll, &event, 1, 0);

    if (count == 1)
        CU_ASSERT_EQUAL(event.data.u64, 4711);
    return count == 1 ? event.events : 0;
}

static int arm(struct pair *pair, unsigned want, uint32_t flags)
{
    return pli_reactor_arm(epoll, &pair->near.handle, want, flags);
}

static void registration_tells_what_is_wanted_and_no_more(void)
{
    struct pair pair;
    int same;

    pair_open(&pair);
    EXPECT_RESULT(arm(&pair, PLI_HUP, 0), 0);
    CU_ASSERT(pair.near.handle.registered);
    CU_ASSERT_EQUAL(write(pair.far, "x", 1), 1);
    CU_ASSERT_EQUAL(events_now(), 0);
    EXPECT_RESULT(arm(&pair, PLI_IN | PLI_HUP, 0), 0);
    CU_ASSERT_EQUAL(events_now(), EPOLLIN);
    CU_ASSERT_EQUAL(events_now(), EPOLLIN); /* it lasts */
    EXPECT_RESULT(arm(&pair, PLI_IN | PLI_OUT | PLI_HUP, EPOLLONESHOT), 0);
    CU_ASSERT_EQUAL(events_now(), EPOLLIN | EPOLLOUT);
    CU_ASSERT_EQUAL(events_now(), 0); /* it is consumed */
    EXPECT_RESULT(arm(&pair, PLI_OUT | PLI_HUP, EPOLLONESHOT), 0);
    CU_ASSERT_EQUAL(events_now(), EPOLLOUT);
    EXPECT_RESULT(arm(&pair, PLI_HUP, EPOLLONESHOT), 0);
    close(pair.far);
    pair.far = -1;
    CU_ASSERT_EQUAL(events_now(), EPOLLHUP); /* whatever is registered */
    EXPECT_RESULT(arm(&pair, PLI_IN, 0), 0);
    same = fcntl(pair.near.handle.fd, F_DUPFD_CLOEXEC, 0); /* a close alone would not end it */
    pli_reactor_close(epoll, &pair.near.handle);
    CU_ASSERT_EQUAL(events_now(), 0);
    CU_ASSERT_EQUAL(fcntl(pair.near.handle.fd, F_GETFD), -1);
    pair.near.handle.fd = same;
    pair_close(&pair);
}

static void what_cannot_be_registered_is_an_error(void)
{
    struct pair pair;
    int socket;

    pair_open(&pair);
    socket = pair.near.handle.fd;
    pair.near.handle.fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC); /* a file never waits */
    EXPECT_RESULT(arm(&pair, PLI_IN, 0), -EPERM);
    close(pair.near.handle.fd);
    pair.near.handle.fd = socket;
    pair_close(&pair);
}

/* -- Transfers ------------------------------------------------------------------------------ */

static void reading_takes_what_is_there_up_to_the_limit(void)
{
    struct pli_span span;
    struct pair pair;

    pair_open(&pair);
    EXPECT_RESULT(pli_reactor_read(&pair.near.handle, 100, &span), -EAGAIN);
    CU_ASSERT_EQUAL(write(pair.far, "0123456789", 10), 10);
    EXPECT_RESULT(pli_reactor_read(&pair.near.handle, 4, &span), 0);
    CU_ASSERT_EQUAL(span.length, 4);
    CU_ASSERT(memcmp(span.data, "0123", 4) == 0);
    EXPECT_RESULT(pli_reactor_read(&pair.near.handle, SIZE_MAX, &span), 0);
    CU_ASSERT_EQUAL(span.length, 6);
    CU_ASSERT(memcmp(span.data, "456789", 6) == 0);
    shutdown(pair.far, SHUT_WR);
    EXPECT_RESULT(pli_reactor_read(&pair.near.handle, 100, &span), 0);
    CU_ASSERT_EQUAL(span.length, 0);
    pair_close(&pair);
}

static void writing_goes_as_far_as_the_peer_has_room(void)
{
    static char much[1 << 20];
    struct iovec parts[2] = {{.iov_base = much, .iov_len = sizeof(much)},
                             {.iov_base = much, .iov_len = sizeof(much)}};
    char text[] = "one two three";
    struct iovec words[3] = {{text, 4}, {text + 4, 4}, {text + 8, 5}};
    char got[16];
    struct pair pair;
    ssize_t written;

    pair_open(&pair);
    CU_ASSERT_EQUAL(pli_reactor_write(&pair.near.handle, words, 3), 13);
    CU_ASSERT_EQUAL(pli_reactor_write(&pair.near.handle, words, 1), 4);
    CU_ASSERT_EQUAL(read(pair.far, got, sizeof(got)), 16);
    CU_ASSERT(memcmp(got, "one two threeone", 16) == 0);
    written = pli_reactor_write(&pair.near.handle, parts, 2);
    CU_ASSERT(written > 0 && written < (ssize_t)(2 * sizeof(much)));
    while (written > 0)
        written = pli_reactor_write(&pair.near.handle, parts, 1);
    CU_ASSERT_EQUAL(written, -EAGAIN);
    close(pair.far);
    pair.far = -1;
    CU_ASSERT_EQUAL(pli_reactor_write(&pair.near.handle, words, 1), -EPIPE); /* and no signal */
    CU_ASSERT_EQUAL(pli_reactor_write(&pair.near.handle, words, 3), -EPIPE);
    pair_close(&pair);
}

static void accepted_connections_do_not_block_nor_survive_exec(void)
{
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pli_handle handle = {.fd = listening};
    struct sockaddr_storage from;
    struct sockaddr_in own;
    socklen_t length = sizeof(name);
    int fd;

    EXPECT_RESULT(bind(listening, (struct sockaddr *)&name, sizeof(name)), 0);
    EXPECT_RESULT(listen(listening, 1), 0);
    EXPECT_RESULT(getsockname(listening, (struct sockaddr *)&name, &length), 0);
    EXPECT_RESULT(pli_reactor_accept(&handle, &from, &length), -EAGAIN);
    EXPECT_RESULT(connect(client, (struct sockaddr *)&name, sizeof(name)), 0);
    fd = pli_reactor_accept(&handle, &from, &length);
    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    CU_ASSERT_EQUAL(length, sizeof(own));
    length = sizeof(own);
    EXPECT_RESULT(getsockname(client, (struct sockaddr *)&own, &length), 0);
    CU_ASSERT_EQUAL(((struct sockaddr_in *)&from)->sin_port, own.sin_port);
    close(fd);
    close(client);
    close(listening);
    EXPECT_RESULT(pli_reactor_accept(&handle, &from, &length), -EBADF);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"posts wake and come out oldest first", posts_wake_and_come_out_oldest_first},
        {"the owner can be woken without a post", owner_can_be_woken_without_a_post},
        {"what is never taken is given back", what_is_never_taken_is_given_back},
        {"a mailbox needs an epoll set", mailbox_needs_an_epoll_set},
        {"no post is lost between threads", no_post_is_lost_between_threads},
        {"events become notes", events_become_notes},
        {"a registration tells what is wanted and no more",
         registration_tells_what_is_wanted_and_no_more},
        {"what cannot be registered is an error", what_cannot_be_registered_is_an_error},
        {"reading takes what is there up to the limit",
         reading_takes_what_is_there_up_to_the_limit},
        {"writing goes as far as the peer has room", writing_goes_as_far_as_the_peer_has_room},
        {"accepted connections do not block nor survive exec",
         accepted_connections_do_not_block_nor_survive_exec},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "reactor", tests);
}
