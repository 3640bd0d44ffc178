/* SPDX-License-Identifier: MIT */
/*
 * The modes closed and open: lines to and fro on connections that stay.
 *
 * Closed: on each connection so many lines are under way; every answer lets the next line go.
 * Open: line i is due at start + i / rate, whatever the answers do, and goes to connection i modulo
 * their number. Its latency counts from when it was due, so that a server that stalls, or a
 * generator that comes late, cannot hide what it did to the lines that had to wait.
 *
 * A run is a warm-up, the window that counts, and an end in which nothing new is sent and what is
 * under way is awaited. In the closed mode the lines answered within the window count, in the open
 * mode those due within it. Every line ever sent is awaited and verified.
 *
 * Each thread owns its connections, its histograms and its epoll set; the first one also looks at
 * the server's CPU as the window opens and closes. What a connection has still to send and to
 * receive are two positions in an endless sequence of lines that line.c can make again at any
 * time, so that nothing is buffered here.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/hist.h"
#include "bench/load.h"
#include "bench/process.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, BUFFER = 2 * LINE_MAX };

struct conn {
    int fd;
    uint32_t id;
    bool blocked;       /* EPOLLOUT is armed */
    uint64_t due;       /* lines that should have gone */
    uint64_t sent, got; /* bytes */
    uint64_t counted;   /* lines that count */
    uint64_t *due_at;   /* closed: of the lines under way, by number modulo their limit */
};

struct worker {
    const struct load_options *options;
    bool open;
    pthread_t thread;
    uint64_t index;
    uint64_t start, from, to; /* the window is from..to */
    struct conn *conns;
    uint64_t count;         /* of conns */
    uint64_t due, answered; /* lines, over all of them */
    int epoll;
    bool opened, closed; /* the window, as seen by the first worker */
    uint64_t cpu[2], own_cpu[2];
    struct process_state state;
    struct hist normal, slow, late;
    char in[BUFFER], out[BUFFER], expected[LINE_MAX];
};

/* Of the open mode's line number i of this worker. */
static uint64_t scheduled(const struct worker *w, uint64_t i)
{
    return w->start + (i * w->options->threads + w->index) * NS_PER_S / w->options->rate;
}

static uint64_t due_at(const struct worker *w, const struct conn *conn, uint64_t number)
{
    if (w->open)
        return scheduled(w, number * w->count + (uint64_t)(conn - w->conns));
    return conn->due_at[number % w->options->flight];
}

static void watch(struct worker *w, int op, struct conn *conn)
{
    struct epoll_event event = {.events = EPOLLIN | (conn->blocked ? (uint32_t)EPOLLOUT : 0),
                                .data.ptr = conn};

    if (epoll_ctl(w->epoll, op, conn->fd, &event) != 0)
        err(1, "epoll_ctl");
}

static void set_blocked(struct worker *w, struct conn *conn, bool blocked)
{
    if (conn->blocked == blocked)
        return;
    conn->blocked = blocked;
    watch(w, EPOLL_CTL_MOD, conn);
}

/* Send what is due, as far as the socket takes it. */
static void pump(struct worker *w, struct conn *conn)
{
    const struct line_shape *shape = &w->options->shape;

    while (conn->sent < conn->due * shape->size) {
        uint64_t number = conn->sent / shape->size;
        size_t skip = conn->sent % shape->size, filled = 0;
        ssize_t sent;

        for (; number < conn->due && filled + shape->size <= sizeof w->out; number++) {
            line_build(shape, conn->id, number, w->out + filled);
            filled += shape->size;
        }
        sent = send(conn->fd, w->out + skip, filled - skip, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            set_blocked(w, conn, true);
            return;
        }
        if (sent < 0 && errno != EINTR)
            err(1, "sending on connection %u", conn->id);
        if (sent > 0)
            conn->sent += (uint64_t)sent;
    }
    set_blocked(w, conn, false);
}

/* Closed: one more line may go. */
static void let_go(struct worker *w, struct conn *conn, uint64_t now)
{
    conn->due_at[conn->due % w->options->flight] = now;
    conn->due++;
    w->due++;
}

static void count_answer(struct worker *w, struct conn *conn, uint64_t number, uint64_t now)
{
    uint64_t due = due_at(w, conn, number), when = w->open ? due : now;

    w->answered++;
    if (when >= w->from && when < w->to) {
        bool slow = line_is_slow(&w->options->shape, conn->id, number);

        conn->counted++;
        hist_add(slow ? &w->slow : &w->normal, now - due);
    }
    if (!w->open && now < w->to)
        let_go(w, conn, now);
}

static void verify(struct worker *w, struct conn *conn, size_t length, uint64_t now)
{
    const struct line_shape *shape = &w->options->shape;
    size_t done = 0;

    if (conn->got + length > conn->sent)
        errx(1, "connection %u: more came back than was sent", conn->id);
    while (done < length) {
        uint64_t number = conn->got / shape->size;
        size_t offset = conn->got % shape->size, piece = shape->size - offset;

        if (piece > length - done)
            piece = length - done;
        line_build(shape, conn->id, number, w->expected);
        if (memcmp(w->in + done, w->expected + offset, piece) != 0)
            errx(1, "connection %u, line %ju: the answer is not what was sent", conn->id,
                 (uintmax_t)number);
        conn->got += piece;
        done += piece;
        if (offset + piece == shape->size)
            count_answer(w, conn, number, now);
    }
}

static void receive(struct worker *w, struct conn *conn)
{
    ssize_t got = recv(conn->fd, w->in, sizeof w->in, 0);

    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        err(1, "receiving on connection %u", conn->id);
    if (got == 0)
        errx(1, "connection %u was closed by the server", conn->id);
    verify(w, conn, (size_t)got, now_ns());
    pump(w, conn);
}

/* Open: hand out what is due by now; nothing is due once the window has closed. */
static void hand_out(struct worker *w, uint64_t now)
{
    uint64_t due;

    while ((due = scheduled(w, w->due)) <= now && due < w->to) {
        struct conn *conn = &w->conns[w->due % w->count];

        w->due++;
        conn->due++;
        if (due >= w->from)
            hist_add(&w->late, now - due);
        if (!conn->blocked)
            pump(w, conn);
    }
}

static void note_cpu(struct worker *w, unsigned side)
{
    if (w->index != 0)
        return;
    w->own_cpu[side] = process_cpu_ns(getpid());
    if (w->options->pid == 0)
        return;
    w->cpu[side] = process_cpu_ns(w->options->pid);
    if (side == 1)
        process_look(w->options->pid, &w->state);
}

static void note_window(struct worker *w, uint64_t now)
{
    if (!w->opened && now >= w->from) {
        note_cpu(w, 0);
        w->opened = true;
    }
    if (!w->closed && now >= w->to) {
        note_cpu(w, 1);
        w->closed = true;
    }
}

static uint64_t next_wake(const struct worker *w)
{
    uint64_t wake = !w->opened ? w->from : !w->closed ? w->to : w->to + PATIENCE;

    if (w->open && !w->closed) {
        uint64_t due = scheduled(w, w->due);

        wake = due < wake ? due : wake;
    }
    return wake;
}

static void wait_for_events(struct worker *w, uint64_t now)
{
    uint64_t wake = next_wake(w), left = wake > now ? wake - now : 0;
    struct timespec timeout = {.tv_sec = (time_t)(left / NS_PER_S),
                               .tv_nsec = (long)(left % NS_PER_S)};
    struct epoll_event events[EVENTS];
    int n = epoll_pwait2(w->epoll, events, EVENTS, &timeout, NULL);

    if (n < 0 && errno != EINTR)
        err(1, "epoll_pwait2");
    for (int i = 0; i < n; i++) {
        struct conn *conn = events[i].data.ptr;

        if ((events[i].events & EPOLLOUT) != 0)
            pump(w, conn);
        if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0)
            receive(w, conn);
    }
}

static void *work(void *arg)
{
    struct worker *w = arg;
    uint64_t now = now_ns();

    for (uint64_t i = 0; !w->open && i < w->count; i++) {
        for (uint64_t n = 0; n < w->options->flight; n++)
            let_go(w, &w->conns[i], now);
        pump(w, &w->conns[i]);
    }
    for (;;) {
        now = now_ns();
        note_window(w, now);
        if (w->open)
            hand_out(w, now);
        if (w->closed && (w->answered == w->due || now >= w->to + PATIENCE))
            return NULL;
        wait_for_events(w, now);
    }
}

static void *allocate(size_t count, size_t size)
{
    void *memory = calloc(count, size);

    if (memory == NULL)
        err(1, "calloc");
    return memory;
}

/* Connection i belongs to worker i modulo their number. */
static void open_worker(struct worker *w, const struct load_options *options, uint64_t index)
{
    w->options = options;
    w->index = index;
    w->count = (options->connections - index + options->threads - 1) / options->threads;
    w->conns = allocate(w->count, sizeof *w->conns);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (w->epoll < 0)
        err(1, "epoll_create1");
    for (uint64_t i = 0; i < w->count; i++) {
        struct conn *conn = &w->conns[i];

        conn->id = (uint32_t)(i * options->threads + index);
        conn->fd = client_connect(&options->server, conn->id);
        if (!w->open)
            conn->due_at = allocate(options->flight, sizeof *conn->due_at);
        if (fcntl(conn->fd, F_SETFL, O_NONBLOCK) != 0)
            err(1, "fcntl");
        watch(w, EPOLL_CTL_ADD, conn);
    }
}

static void close_worker(struct worker *w)
{
    for (uint64_t i = 0; i < w->count; i++) {
        close(w->conns[i].fd);
        free(w->conns[i].due_at);
    }
    close(w->epoll);
    free(w->conns);
}

static void print_latency(const char *of, const struct hist *hist)
{
    static const struct {
        const char *name;
        double share;
    } points[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

    printf("%s_lines=%" PRIu64 "\n", of, hist->count);
    for (unsigned i = 0; i < sizeof points / sizeof *points; i++)
        printf("%s_%s_us=%.1f\n", of, points[i].name,
               (double)hist_quantile(hist, points[i].share) / 1e3);
    printf("%s_max_us=%.1f\n", of, (double)hist->max / 1e3);
}

static void print_server(const struct worker *first, uint64_t lines)
{
    uint64_t cpu = first->cpu[1] - first->cpu[0];

    printf("client_cpu_ms=%.3f\n", (double)(first->own_cpu[1] - first->own_cpu[0]) / 1e6);
    if (first->options->pid == 0)
        return;
    printf("server_cpu_ms=%.3f\n", (double)cpu / 1e6);
    printf("server_cpu_us_per_line=%.4f\n", lines == 0 ? 0 : (double)cpu / 1e3 / (double)lines);
    printf("server_resident_bytes=%" PRId64 "\n", first->state.resident);
    printf("server_threads=%" PRId64 "\n", first->state.threads);
    printf("server_descriptors=%" PRId64 "\n", first->state.descriptors);
}

/* Fairness: the lines of the connection that got the most, over those of the one with the least. */
static void print_spread(const struct worker *workers, uint64_t threads)
{
    uint64_t least = UINT64_MAX, most = 0;

    for (uint64_t t = 0; t < threads; t++) {
        for (uint64_t i = 0; i < workers[t].count; i++) {
            uint64_t counted = workers[t].conns[i].counted;

            least = counted < least ? counted : least;
            most = counted > most ? counted : most;
        }
    }
    printf("least_served=%" PRIu64 "\nmost_served=%" PRIu64 "\n", least, most);
    printf("most_over_least=%.4f\n", least == 0 ? HUGE_VAL : (double)most / (double)least);
}

static int report(struct worker *workers, const struct load_options *options)
{
    struct worker *first = &workers[0];
    uint64_t lines, due = first->due, answered = first->answered;
    double seconds = (double)options->window / (double)NS_PER_S;

    for (uint64_t t = 1; t < options->threads; t++) {
        hist_merge(&first->normal, &workers[t].normal);
        hist_merge(&first->slow, &workers[t].slow);
        hist_merge(&first->late, &workers[t].late);
        due += workers[t].due;
        answered += workers[t].answered;
    }
    lines = first->normal.count + first->slow.count;
    printf("mode=%s\nconnections=%" PRIu64 "\nline_bytes=%zu\nseconds=%.3f\n",
           first->open ? "open" : "closed", options->connections, options->shape.size, seconds);
    printf("lines=%" PRIu64 "\nlines_per_second=%.0f\n", lines, (double)lines / seconds);
    printf("lines_total=%" PRIu64 "\nunanswered=%" PRIu64 "\n", answered, due - answered);
    print_spread(workers, options->threads);
    print_latency("normal", &first->normal);
    if (options->shape.slow_one != 0)
        print_latency("slow", &first->slow);
    if (first->open)
        print_latency("late", &first->late);
    print_server(first, lines);
    if (answered != due)
        warnx("%" PRIu64 " of %" PRIu64 " lines were never answered", due - answered, due);
    return answered == due && lines > 0 ? 0 : 1;
}

static int run(const struct load_options *options, bool open)
{
    struct worker *workers = allocate(options->threads, sizeof *workers);
    uint64_t start;
    int status;

    /* Timers of the open mode are to fire when they are due, not up to 50 microseconds later. */
    if (prctl(PR_SET_TIMERSLACK, 1) != 0)
        err(1, "PR_SET_TIMERSLACK");
    for (uint64_t t = 0; t < options->threads; t++) {
        workers[t].open = open;
        open_worker(&workers[t], options, t);
    }
    start = now_ns() + 10 * NS_PER_MS;
    for (uint64_t t = 0; t < options->threads; t++) {
        struct worker *w = &workers[t];

        w->start = start;
        w->from = start + options->warmup;
        w->to = w->from + options->window;
        if ((errno = pthread_create(&w->thread, NULL, work, w)) != 0)
            err(1, "pthread_create");
    }
    for (uint64_t t = 0; t < options->threads; t++) {
        if ((errno = pthread_join(workers[t].thread, NULL)) != 0)
            err(1, "pthread_join");
    }
    status = report(workers, options);
    for (uint64_t t = 0; t < options->threads; t++)
        close_worker(&workers[t]);
    free(workers);
    return status;
}

int run_closed(const struct load_options *options)
{
    return run(options, false);
}

int run_open(const struct load_options *options)
{
    return run(options, true);
}
