/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "transport/endpoint.h"

#include "tests/lib/expect.h"
#include "tests/lib/failmalloc.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#define MOST 16

/* "4a6b...": a family and a name for each, in that order; the name becomes the port. */
static struct pli_endpoints make(const char *text)
{
    struct pli_endpoints endpoints = {.list = calloc(MOST, sizeof(*endpoints.list))};

    EXPECT(endpoints.list, "no memory");
    for (; *text; text += 2)
        EXPECT_RESULT(pli_endpoint_parse(*text == '4' ? "192.0.2.1" : "2001:db8::1",
                                         (unsigned char)text[1],
                                         &endpoints.list[endpoints.count++]),
                      0);
    return endpoints;
}

static unsigned port_of(const struct pli_endpoint *endpoint)
{
    return ntohs(endpoint->address.ss_family == AF_INET
                     ? ((const struct sockaddr_in *)&endpoint->address)->sin_port
                     : ((const struct sockaddr_in6 *)&endpoint->address)->sin6_port);
}

static void expect_order(const char *before, const char *after)
{
    struct pli_endpoints endpoints = make(before);
    char got[2 * MOST + 1] = "";

    pli_endpoints_interleave(&endpoints);
    for (size_t i = 0; i < endpoints.count; i++) {
        got[2 * i] = endpoints.list[i].address.ss_family == AF_INET ? '4' : '6';
        got[2 * i + 1] = (char)port_of(&endpoints.list[i]);
    }
    CU_ASSERT_STRING_EQUAL(got, after);
    free(endpoints.list);
}

static void families_take_turns(void)
{
    expect_order("", "");
    expect_order("4a", "4a");
    expect_order("6a4b", "6a4b");
    expect_order("6a6b4c4d", "6a4c6b4d");
    expect_order("4a4b6c6d", "4a6c4b6d");
    expect_order("6a6b6c6d4e", "6a4e6b6c6d");
    expect_order("4a6b6c6d6e", "4a6b6c6d6e");
    expect_order("6a4b4c4d6e4f", "6a4b6e4c4d4f");
    expect_order("4a4b4c4d", "4a4b4c4d");
    expect_order("6a6b6c4d4e4f6g", "6a4d6b4e6c4f6g");
}

static void addresses_are_no_names(void)
{
    struct pli_endpoint endpoint;

    CU_ASSERT_EQUAL(pli_endpoint_parse("192.0.2.1", 7, &endpoint), 0);
    CU_ASSERT_EQUAL(endpoint.address.ss_family, AF_INET);
    CU_ASSERT_EQUAL(endpoint.length, sizeof(struct sockaddr_in));
    CU_ASSERT_EQUAL(port_of(&endpoint), 7);
    CU_ASSERT_EQUAL(pli_endpoint_parse("[2001:db8::1]", 65535, &endpoint), 0);
    CU_ASSERT_EQUAL(endpoint.address.ss_family, AF_INET6);
    CU_ASSERT_EQUAL(port_of(&endpoint), 65535);
    CU_ASSERT_EQUAL(pli_endpoint_parse("*", 7, &endpoint), -EINVAL);
    CU_ASSERT_EQUAL(pli_endpoint_parse("localhost", 7, &endpoint), -EINVAL);
    CU_ASSERT_EQUAL(pli_endpoint_parse("", 7, &endpoint), -EINVAL);
}

static void paths_have_an_end(void)
{
    struct pli_endpoint endpoint;
    char path[109];

    memset(path, 'x', 108);
    path[108] = '\0';
    CU_ASSERT_EQUAL(pli_endpoint_unix("", &endpoint), -EINVAL);
    CU_ASSERT_EQUAL(pli_endpoint_unix(path, &endpoint), -ENAMETOOLONG);
    path[107] = '\0';
    CU_ASSERT_EQUAL(pli_endpoint_unix(path, &endpoint), 0);
    CU_ASSERT_EQUAL(endpoint.address.ss_family, AF_UNIX);
    CU_ASSERT_STRING_EQUAL(((struct sockaddr_un *)&endpoint.address)->sun_path, path);
}

/* -- Names ------------------------------------------------------------------------------------ */

/* What the resolver answers: a text as for make(), with 'x' for what is of no use, or an error. */
static const char *answer;
static int answer_error;
static unsigned freed;

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out);
void __wrap_freeaddrinfo(struct addrinfo *infos);

int __wrap_getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                       struct addrinfo **out)
{
    static struct addrinfo infos[MOST];
    static struct sockaddr_in in = {.sin_family = AF_INET};
    static struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
    size_t count = strlen(answer);

    CU_ASSERT_STRING_EQUAL(node, "name");
    CU_ASSERT_PTR_NULL(service);
    CU_ASSERT_EQUAL(hints->ai_socktype, SOCK_STREAM);
    errno = EHOSTDOWN;
    if (answer_error)
        return answer_error;
    for (size_t i = 0; i < count; i++)
        infos[i] = (struct addrinfo){.ai_family = answer[i] == '4'   ? AF_INET
                                                  : answer[i] == '6' ? AF_INET6
                                                                     : AF_PACKET,
                                     .ai_addr = answer[i] == '4' ? (struct sockaddr *)&in
                                                                 : (struct sockaddr *)&in6,
                                     .ai_addrlen = answer[i] == '4' ? sizeof(in) : sizeof(in6),
                                     .ai_next = i + 1 < count ? &infos[i + 1] : NULL};
    *out = infos;
    return 0;
}

void __wrap_freeaddrinfo(struct addrinfo *infos)
{
    CU_ASSERT_PTR_NOT_NULL(infos);
    freed++;
}

static void name_has_its_addresses_in_turn(void)
{
    struct pli_endpoints endpoints = {.list = NULL};

    answer = "x66x4";
    answer_error = 0;
    freed = 0;
    CU_ASSERT_EQUAL(pli_endpoints_resolve("name", 7007, &endpoints), 0);
    CU_ASSERT_EQUAL_FATAL(endpoints.count, 3);
    CU_ASSERT_EQUAL(endpoints.list[0].address.ss_family, AF_INET6);
    CU_ASSERT_EQUAL(endpoints.list[1].address.ss_family, AF_INET);
    CU_ASSERT_EQUAL(endpoints.list[2].address.ss_family, AF_INET6);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_EQUAL(port_of(&endpoints.list[i]), 7007);
    free(endpoints.list);
    CU_ASSERT_EQUAL(freed, 1);
}

static void name_without_addresses_is_none(void)
{
    struct pli_endpoints endpoints = {.list = NULL};

    answer = "x";
    answer_error = 0;
    freed = 0;
    CU_ASSERT_EQUAL(pli_endpoints_resolve("name", 7, &endpoints), -ENOENT);
    answer = "4";
    failmalloc_after(1);
    CU_ASSERT_EQUAL(pli_endpoints_resolve("name", 7, &endpoints), -ENOMEM);
    failmalloc_off();
    CU_ASSERT_EQUAL(freed, 2);
    CU_ASSERT_PTR_NULL(endpoints.list);
}

static void resolver_errors_are_errors_of_the_system(void)
{
    static const struct {
        int rc;
        int error;
    } errors[] = {{EAI_NONAME, -ENOENT}, {EAI_NODATA, -ENOENT}, {EAI_ADDRFAMILY, -ENOENT},
                  {EAI_AGAIN, -EAGAIN},  {EAI_MEMORY, -ENOMEM}, {EAI_SYSTEM, -EHOSTDOWN},
                  {EAI_FAIL, -EIO},      {EAI_FAMILY, -EIO}};
    struct pli_endpoints endpoints = {.list = NULL};

    answer = "";
    for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
        answer_error = errors[i].rc;
        CU_ASSERT_EQUAL(pli_endpoints_resolve("name", 7, &endpoints), errors[i].error);
    }
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"families take turns", families_take_turns},
        {"addresses are no names", addresses_are_no_names},
        {"paths have an end", paths_have_an_end},
        {"a name has its addresses in turn", name_has_its_addresses_in_turn},
        {"a name without addresses is none", name_without_addresses_is_none},
        {"resolver errors are errors of the system", resolver_errors_are_errors_of_the_system},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "endpoint", tests);
}
