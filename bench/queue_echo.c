/* SPDX-License-Identifier: MIT */
/*
 * The half-sync/half-reactive pattern as the books have it: one reactor thread waits in epoll_wait
 * and accepts; each connection is registered with EPOLLONESHOT, and one that is ready goes through a
 * bounded queue, under a mutex with two condition variables, to one of N workers, which reads,
 * writes, and registers it again. Every event is signalled; a full queue makes the reactor wait.
 *
 *     queue_echo [--threads N] [--port P]
 *
 * N workers beside the reactor. Prints "port N" once it is bound, serves until SIGTERM or SIGINT,
 * and exits 0.
 */
#include "config.h"

#include "bench/common.h"
#include "bench/echo.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

enum { EVENTS = 64, QUEUE = 1024 };

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t not_empty, not_full;
    struct echo_conn *ring[QUEUE]; /* (mutex), as all that follows */
    unsigned first, count;
    bool closed;
};

struct server {
    struct queue queue;
    struct echo_table table;
    int epoll, listener, stop;
};

static void queue_init(struct queue *queue)
{
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->not_empty, NULL);
    pthread_cond_init(&queue->not_full, NULL);
}

static void queue_deinit(struct queue *queue)
{
    pthread_cond_destroy(&queue->not_full);
    pthread_cond_destroy(&queue->not_empty);
    pthread_mutex_destroy(&queue->mutex);
}

static void queue_put(struct queue *queue, struct echo_conn *conn)
{
    pthread_mutex_lock(&queue->mutex);
    while (queue->count == QUEUE)
        pthread_cond_wait(&queue->not_full, &queue->mutex);
    queue->ring[(queue->first + queue->count++) % QUEUE] = conn;
    pthread_cond_signal(&queue->not_empty);
    pthread_mutex_unlock(&queue->mutex);
}

/* The next that is ready, or NULL when there will be none any more. */
static struct echo_conn *queue_take(struct queue *queue)
{
    struct echo_conn *conn = NULL;

    pthread_mutex_lock(&queue->mutex);
    while (queue->count == 0 && !queue->closed)
        pthread_cond_wait(&queue->not_empty, &queue->mutex);
    if (queue->count > 0) {
        conn = queue->ring[queue->first];
        queue->first = (queue->first + 1) % QUEUE;
        queue->count--;
        pthread_cond_signal(&queue->not_full);
    }
    pthread_mutex_unlock(&queue->mutex);
    return conn;
}

static void queue_close(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    pthread_cond_broadcast(&queue->not_empty);
    pthread_mutex_unlock(&queue->mutex);
}

static void watch(const struct server *server, int op, struct echo_conn *conn, uint32_t events)
{
    struct epoll_event event = {.events = events | EPOLLONESHOT, .data.ptr = conn};

    if (epoll_ctl(server->epoll, op, conn->fd, &event) != 0)
        err(1, "epoll_ctl");
}

/*
 * A worker has its connection for itself until it has registered it again. That what it did is seen
 * by whoever is next, the kernel sees to: epoll_ctl comes before what epoll_wait tells of it, close
 * before the accept that gives the same descriptor. (ThreadSanitizer does not know.)
 */
static void *work(void *arg)
{
    struct server *server = arg;
    struct echo_conn *conn;

    while ((conn = queue_take(&server->queue)) != NULL) {
        enum echo_next next = echo_step(conn);

        if (next == ECHO_END)
            echo_drop(&server->table, conn);
        else
            watch(server, EPOLL_CTL_MOD, conn, next == ECHO_WRITE ? EPOLLOUT : EPOLLIN);
    }
    return NULL;
}

static void accept_all(struct server *server)
{
    struct echo_conn *conn;

    while ((conn = echo_accept(&server->table, server->listener)) != NULL)
        watch(server, EPOLL_CTL_ADD, conn, EPOLLIN);
}

/* The listener and the stop signal are known by the addresses of their descriptors. */
static void react(struct server *server)
{
    struct epoll_event events[EVENTS];

    for (;;) {
        int n = epoll_wait(server->epoll, events, EVENTS, -1);

        if (n < 0 && errno != EINTR)
            err(1, "epoll_wait");
        for (int i = 0; i < n; i++) {
            void *ptr = events[i].data.ptr;

            if (ptr == &server->stop)
                return;
            if (ptr == &server->listener)
                accept_all(server);
            else
                queue_put(&server->queue, ptr);
        }
    }
}

static void watch_own(const struct server *server, int *fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

    if (epoll_ctl(server->epoll, EPOLL_CTL_ADD, *fd, &event) != 0)
        err(1, "epoll_ctl");
}

static void open_server(struct server *server, uint16_t port)
{
    queue_init(&server->queue);
    echo_table_init(&server->table);
    server->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (server->epoll < 0)
        err(1, "epoll_create1");
    server->listener = listen_on_loopback(port, 0);
    server->stop = echo_stop_signal();
    watch_own(server, &server->listener);
    watch_own(server, &server->stop);
}

static void close_server(struct server *server)
{
    echo_table_deinit(&server->table);
    queue_deinit(&server->queue);
    close(server->listener);
    close(server->stop);
    close(server->epoll);
}

int main(int argc, char **argv)
{
    struct echo_options options;
    struct server server = {0};
    pthread_t *workers;

    echo_begin(argc, argv, &options);
    open_server(&server, options.port);
    workers = calloc(options.threads, sizeof *workers);
    if (workers == NULL)
        err(1, "calloc");
    for (unsigned i = 0; i < options.threads; i++) {
        if ((errno = pthread_create(&workers[i], NULL, work, &server)) != 0)
            err(1, "pthread_create");
    }
    announce_port(bound_port(server.listener));
    react(&server);
    queue_close(&server.queue);
    for (unsigned i = 0; i < options.threads; i++) {
        if ((errno = pthread_join(workers[i], NULL)) != 0)
            err(1, "pthread_join");
    }
    close_server(&server);
    free(workers);
    return 0;
}
