/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/nameserver.h"

#include "tests/lib/expect.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORDS_MAX 64
#define ASKED_MAX   256
#define PACKET      512

struct record {
    char name[NS_MAXDNAME];
    int type;
    unsigned char data[256];
    size_t size;
};

struct nameserver {
    int fd;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    struct record records[RECORDS_MAX]; /* (lock), as what follows */
    size_t record_count;
    char asked[ASKED_MAX][NS_MAXDNAME];
    size_t asked_count;
};

/* -- Answering ------------------------------------------------------------------------------ */

static void note(struct nameserver *server, const char *name)
{
    if (server->asked_count < ASKED_MAX)
        snprintf(server->asked[server->asked_count++], NS_MAXDNAME, "%s", name);
}

/* One record about the name of the question; returns where it ends. */
static unsigned char *put_record(unsigned char *at, const struct record *record)
{
    NS_PUT16(0xc000 | NS_HFIXEDSZ, at); /* the name of the question */
    NS_PUT16(record->type, at);
    NS_PUT16(ns_c_in, at);
    NS_PUT32(60, at);
    NS_PUT16((unsigned)record->size, at);
    memcpy(at, record->data, record->size);
    return at + record->size;
}

/* Makes an answer of the question in PACKET. Returns its length; 0: none is given. */
static size_t answer(struct nameserver *server, unsigned char packet[4 * PACKET], size_t length)
{
    HEADER *header = (HEADER *)packet;
    unsigned char *at = packet + NS_HFIXEDSZ;
    bool known = false;
    char name[NS_MAXDNAME];
    unsigned count = 0;
    int used, type;

    used = dn_expand(packet, packet + length, at, name, sizeof(name));
    if (length < NS_HFIXEDSZ || used < 0)
        return 0;
    note(server, name);
    if (strstr(name, "silent"))
        return 0;
    at += used;
    type = at[0] << 8 | at[1];
    at += 4;
    for (size_t i = 0; i < server->record_count; i++) {
        if (strcasecmp(server->records[i].name, name) != 0)
            continue;
        known = true;
        if (server->records[i].type == type) {
            at = put_record(at, &server->records[i]);
            count++;
        }
    }
    header->qr = header->aa = header->ra = 1;
    header->rcode = known ? ns_r_noerror : ns_r_nxdomain;
    header->ancount = htons((uint16_t)count);
    header->nscount = header->arcount = 0;
    return (size_t)(at - packet);
}

/* Until a packet that is too short to be a question. */
static void *serve(void *argument)
{
    struct nameserver *server = argument;
    unsigned char packet[4 * PACKET];
    struct sockaddr_in from;
    socklen_t size = sizeof(from);
    ssize_t got;
    size_t length;

    while ((got = recvfrom(server->fd, packet, PACKET, 0, (struct sockaddr *)&from, &size)) >=
           NS_HFIXEDSZ) {
        pthread_mutex_lock(&server->lock);
        length = answer(server, packet, (size_t)got);
        pthread_mutex_unlock(&server->lock);
        if (length > 0)
            (void)sendto(server->fd, packet, length, 0, (struct sockaddr *)&from, size);
        size = sizeof(from);
    }
    return NULL;
}

/* -- What a test calls ---------------------------------------------------------------------- */

struct nameserver *nameserver_start(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct nameserver *server = calloc(1, sizeof(*server));
    socklen_t size = sizeof(address);

    EXPECT(server, "out of memory");
    server->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    EXPECT(server->fd >= 0, "socket: %s", strerror(errno));
    EXPECT_RESULT(bind(server->fd, (struct sockaddr *)&address, sizeof(address)), 0);
    EXPECT_RESULT(getsockname(server->fd, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    pthread_mutex_init(&server->lock, NULL);
    EXPECT_RESULT(pthread_create(&server->thread, NULL, serve, server), 0);
    return server;
}

void nameserver_stop(struct nameserver *server)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    address.sin_port = htons((uint16_t)server->port);
    EXPECT_RESULT(sendto(fd, "", 1, 0, (struct sockaddr *)&address, sizeof(address)), 1);
    close(fd);
    pthread_join(server->thread, NULL);
    close(server->fd);
    pthread_mutex_destroy(&server->lock);
    free(server);
}

unsigned nameserver_port(const struct nameserver *server)
{
    return server->port;
}

static void add(struct nameserver *server, const char *name, const struct record *record)
{
    pthread_mutex_lock(&server->lock);
    EXPECT(server->record_count < RECORDS_MAX, "too many records");
    server->records[server->record_count] = *record;
    snprintf(server->records[server->record_count++].name, NS_MAXDNAME, "%s", name);
    pthread_mutex_unlock(&server->lock);
}

void nameserver_address(struct nameserver *server, const char *name, const char *address)
{
    bool ipv6 = strchr(address, ':');
    struct record record = {.type = ipv6 ? ns_t_aaaa : ns_t_a, .size = ipv6 ? 16 : 4};

    EXPECT_RESULT(inet_pton(ipv6 ? AF_INET6 : AF_INET, address, record.data), 1);
    add(server, name, &record);
}

void nameserver_pointer(struct nameserver *server, const char *name, const char *to)
{
    struct record record = {.type = ns_t_ptr};
    int size = dn_comp(to, record.data, sizeof(record.data), NULL, NULL);

    EXPECT(size > 0, "no name: %s", to);
    record.size = (size_t)size;
    add(server, name, &record);
}

unsigned nameserver_asked(struct nameserver *server, const char *name)
{
    unsigned count = 0;

    pthread_mutex_lock(&server->lock);
    for (size_t i = 0; i < server->asked_count; i++)
        count += strcasecmp(server->asked[i], name) == 0;
    pthread_mutex_unlock(&server->lock);
    return count;
}
