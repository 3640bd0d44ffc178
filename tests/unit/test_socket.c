/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/socket.h"
#include "tests/lib/expect.h"
#include "tests/lib/folder.h"
#include "tests/lib/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static unsigned count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    unsigned count = 0;

    EXPECT(folder, "no /proc/self/fd");
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* Listens as OPTIONS say, or fails with an errno and leaves no descriptor behind. */
#define EXPECT_REFUSED(options, error) expect_refused(HERE, options, error)
static void expect_refused(struct place place, const struct pl_listener_options *options, int error)
{
    unsigned before = count_descriptors();
    unsigned port = 0;

    expect_result(place, "pli_socket_listen()", pli_socket_listen(options, &port), error);
    expect_result(place, "descriptors", count_descriptors(), before);
}

/* The same, with success: returns the descriptor. */
#define LISTEN(options, port) must_listen(HERE, options, port)
static int must_listen(struct place place, const struct pl_listener_options *options,
                       unsigned *port)
{
    unsigned before = count_descriptors();
    int fd = pli_socket_listen(options, port);

    if (fd < 0)
        expect_fail(place, "pli_socket_listen: %s", strerror(-fd));
    expect_result(place, "descriptors", count_descriptors(), before + 1);
    return fd;
}

static int option_of(int fd, int level, int name)
{
    int value = 0;
    socklen_t length = sizeof(value);

    EXPECT_RESULT(getsockopt(fd, level, name, &value, &length), 0);
    return value;
}

/* What the engine relies on. */
static void expect_ready(int fd)
{
    CU_ASSERT_EQUAL(option_of(fd, SOL_SOCKET, SO_ACCEPTCONN), 1);
    CU_ASSERT(fcntl(fd, F_GETFL) & O_NONBLOCK);
    CU_ASSERT(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

/* -- TCP ------------------------------------------------------------------------------------ */

static int fail(int fd)
{
    int error = -errno;

    close(fd);
    return error;
}

static int connect_ipv4(unsigned port)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0, "socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    return fail(fd);
}

static int connect_ipv6(unsigned port)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6,
                              .sin6_port = htons((uint16_t)port),
                              .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0, "socket: %s", strerror(errno));
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    return fail(fd);
}

static void port_0_takes_a_free_one_and_says_which(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    unsigned port = 0;
    int fd = LISTEN(&options, &port);
    int peer;

    expect_ready(fd);
    CU_ASSERT(port > 0 && port < 65536);
    CU_ASSERT_EQUAL(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    peer = connect_ipv4(port);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    close(fd);
    CU_ASSERT_EQUAL(connect_ipv4(port), -ECONNREFUSED);
}

static void no_address_is_the_loopback_address(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct sockaddr_in name;
    socklen_t length = sizeof(name);
    unsigned port;
    int fd;

    options.address = NULL;
    fd = LISTEN(&options, &port);
    EXPECT_RESULT(getsockname(fd, (struct sockaddr *)&name, &length), 0);
    CU_ASSERT_EQUAL(name.sin_family, AF_INET);
    CU_ASSERT_EQUAL(ntohl(name.sin_addr.s_addr), INADDR_LOOPBACK);
    CU_ASSERT_EQUAL(ntohs(name.sin_port), port);
    close(fd);
}

static void star_takes_both_families_and_ipv6_its_own(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    unsigned port;
    int peer;
    int fd;

    options.address = "*";
    fd = LISTEN(&options, &port);
    peer = connect_ipv4(port);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    peer = connect_ipv6(port);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    close(fd);
    options.address = "::1";
    fd = LISTEN(&options, &port);
    peer = connect_ipv6(port);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    CU_ASSERT_EQUAL(connect_ipv4(port), -ECONNREFUSED);
    close(fd);
    options.address = "::";
    fd = LISTEN(&options, &port);
    CU_ASSERT_EQUAL(option_of(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
    close(fd);
}

static void port_in_use_is_an_error(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    unsigned port;
    int fd = LISTEN(&options, &port);

    options.port = port;
    EXPECT_REFUSED(&options, -EADDRINUSE);
    close(fd);
    fd = LISTEN(&options, &port);
    CU_ASSERT_EQUAL(port, options.port);
    close(fd);
}

static void address_that_is_none_or_elsewhere_is_an_error(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.address = "localhost";
    EXPECT_REFUSED(&options, -EINVAL);
    options.address = "";
    EXPECT_REFUSED(&options, -EINVAL);
    options.address = "192.0.2.1"; /* for documentation: nobody has it */
    EXPECT_REFUSED(&options, -EADDRNOTAVAIL);
    options.address = "127.0.0.1";
    options.port = 65536;
    EXPECT_REFUSED(&options, -EINVAL);
}

/* -- Unix sockets --------------------------------------------------------------------------- */

static int connect_unix(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    EXPECT(fd >= 0, "socket: %s", strerror(errno));
    strcpy(to.sun_path, path);
    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    return fail(fd);
}

static bool exists(const char *path)
{
    struct stat status;

    return lstat(path, &status) == 0;
}

/* What the tests with a path begin with. */
struct place_in_folder {
    char *folder;
    char path[100];
    struct pl_listener_options options;
};

static struct place_in_folder begin(const char *name)
{
    struct place_in_folder here = {.folder = folder_new(), .options = PL_LISTENER_OPTIONS};
    int length;

    EXPECT(here.folder, "no folder can be made");
    length = snprintf(here.path, sizeof(here.path), "%s/%s", here.folder, name);

    EXPECT((size_t)length < sizeof(here.path), "%s: the path is too long for a socket",
           here.folder);
    return here;
}

static void unix_socket_can_be_reached_by_its_path(void)
{
    struct place_in_folder here = begin("socket");
    unsigned port = 1;
    int peer;
    int fd;

    here.options.path = here.path;
    here.options.address = "no address"; /* the path counts instead */
    fd = LISTEN(&here.options, &port);
    expect_ready(fd);
    CU_ASSERT_EQUAL(port, 0);
    peer = connect_unix(here.path);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    close(fd);
    folder_remove(here.folder);
}

static void unix_socket_has_the_mode_asked_for(void)
{
    struct place_in_folder here = begin("socket");
    mode_t before = umask(022);
    struct stat status;
    unsigned port;
    int fd;

    here.options.path = here.path;
    here.options.path_mode = 0620;
    fd = LISTEN(&here.options, &port);
    EXPECT_RESULT(stat(here.path, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 07777, 0620);
    close(fd);
    here.options.path_mode = 0;
    fd = LISTEN(&here.options, &port);
    EXPECT_RESULT(stat(here.path, &status), 0);
    CU_ASSERT_EQUAL(status.st_mode & 0666, 0644);
    close(fd);
    umask(before);
    folder_remove(here.folder);
}

static void socket_left_behind_is_replaced_and_one_in_use_is_not(void)
{
    struct place_in_folder here = begin("socket");
    unsigned port;
    int first;
    int peer;

    here.options.path = here.path;
    first = LISTEN(&here.options, &port);
    EXPECT_REFUSED(&here.options, -EADDRINUSE);
    peer = connect_unix(here.path);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    close(first);
    CU_ASSERT(exists(here.path));
    CU_ASSERT_EQUAL(connect_unix(here.path), -ECONNREFUSED);
    first = LISTEN(&here.options, &port);
    peer = connect_unix(here.path);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    close(first);
    folder_remove(here.folder);
}

static void socket_whose_backlog_is_full_counts_as_in_use(void)
{
    struct place_in_folder here = begin("socket");
    int waiting[4];
    unsigned port;
    int fd;

    here.options.path = here.path;
    here.options.backlog = 1;
    fd = LISTEN(&here.options, &port);
    for (unsigned i = 0; i < 2; i++)
        waiting[i] = connect_unix(here.path);
    CU_ASSERT(waiting[1] >= 0); /* one more than the backlog is taken */
    EXPECT_REFUSED(&here.options, -EADDRINUSE);
    CU_ASSERT(exists(here.path));
    for (unsigned i = 0; i < 2; i++)
        close(waiting[i]);
    close(fd);
    folder_remove(here.folder);
}

static void file_that_is_no_socket_is_left_alone(void)
{
    struct place_in_folder here = begin("file");
    FILE *file = fopen(here.path, "w");

    EXPECT(file, "%s: %s", here.path, strerror(errno));
    fclose(file);
    here.options.path = here.path;
    EXPECT_REFUSED(&here.options, -EEXIST);
    CU_ASSERT(exists(here.path));
    EXPECT_RESULT(unlink(here.path), 0);
    EXPECT_RESULT(mkdir(here.path, 0700), 0);
    EXPECT_REFUSED(&here.options, -EEXIST);
    EXPECT_RESULT(rmdir(here.path), 0);
    EXPECT_RESULT(symlink("nowhere", here.path), 0);
    EXPECT_REFUSED(&here.options, -EEXIST);
    CU_ASSERT(exists(here.path));
    folder_remove(here.folder);
}

static void path_that_cannot_be_bound_is_an_error(void)
{
    struct place_in_folder here = begin("none/socket");
    char path[200];

    here.options.path = here.path;
    EXPECT_REFUSED(&here.options, -ENOENT);
    memset(path, 'x', sizeof(path));
    path[108] = '\0';
    here.options.path = path;
    EXPECT_REFUSED(&here.options, -ENAMETOOLONG);
    here.options.path = "";
    EXPECT_REFUSED(&here.options, -EINVAL);
    folder_remove(here.folder);
}

/* -- Sockets taken over --------------------------------------------------------------------- */

static void listening_socket_is_taken_over_as_it_is(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    unsigned port = 0;
    int peer;

    EXPECT_RESULT(bind(fd, (struct sockaddr *)&any, sizeof(any)), 0);
    EXPECT_RESULT(listen(fd, 5), 0);
    options.fd = fd;
    options.address = "no address";
    EXPECT_RESULT(pli_socket_listen(&options, &port), fd);
    expect_ready(fd);
    CU_ASSERT_EQUAL(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
    peer = connect_ipv4(port);
    CU_ASSERT_FATAL(peer >= 0);
    close(peer);
    close(fd);
}

static void unix_socket_is_taken_over_too(void)
{
    struct place_in_folder here = begin("socket");
    unsigned port = 1;
    int fd;

    here.options.path = here.path;
    fd = LISTEN(&here.options, &port);
    fcntl(fd, F_SETFL, 0);
    here.options.fd = fd;
    EXPECT_RESULT(pli_socket_listen(&here.options, &port), fd);
    expect_ready(fd);
    CU_ASSERT_EQUAL(port, 0);
    close(fd);
    folder_remove(here.folder);
}

/* It stays its owner's, and open. */
static void expect_not_taken(int fd, int error)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;

    options.fd = fd;
    EXPECT_REFUSED(&options, error);
    CU_ASSERT(fcntl(fd, F_GETFD) >= 0);
    close(fd);
}

static void what_does_not_listen_is_not_taken_over(void)
{
    struct pl_listener_options options = PL_LISTENER_OPTIONS;
    int pair[2];

    expect_not_taken(socket(AF_INET, SOCK_STREAM, 0), -EINVAL);
    expect_not_taken(open("/dev/null", O_RDONLY), -ENOTSOCK);
    EXPECT_RESULT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    expect_not_taken(pair[0], -EINVAL);
    close(pair[1]);
    options.fd = 1000000;
    EXPECT_REFUSED(&options, -EBADF);
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"port 0 takes a free one and says which", port_0_takes_a_free_one_and_says_which},
        {"no address is the loopback address", no_address_is_the_loopback_address},
        {"* takes both families, and an IPv6 address its own",
         star_takes_both_families_and_ipv6_its_own},
        {"a port in use is an error", port_in_use_is_an_error},
        {"an address that is none or elsewhere is an error",
         address_that_is_none_or_elsewhere_is_an_error},
        {"a Unix socket can be reached by its path", unix_socket_can_be_reached_by_its_path},
        {"a Unix socket has the mode asked for", unix_socket_has_the_mode_asked_for},
        {"a socket left behind is replaced and one in use is not",
         socket_left_behind_is_replaced_and_one_in_use_is_not},
        {"a socket whose backlog is full counts as in use",
         socket_whose_backlog_is_full_counts_as_in_use},
        {"a file that is no socket is left alone", file_that_is_no_socket_is_left_alone},
        {"a path that cannot be bound is an error", path_that_cannot_be_bound_is_an_error},
        {"a listening socket is taken over as it is", listening_socket_is_taken_over_as_it_is},
        {"a Unix socket is taken over too", unix_socket_is_taken_over_too},
        {"what does not listen is not taken over", what_does_not_listen_is_not_taken_over},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "socket", tests);
}
