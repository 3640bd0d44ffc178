/* SPDX-License-Identifier: MIT */
/*
 * Models that cannot be had: what the library says then. What the kernel has is found out once in a
 * process, so each case has a process of its own, whose system calls are filtered.
 */
#include "config.h"

#include "tests/lib/expect.h"
#include "tests/lib/unit.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/seccomp.h>
#include <paceline.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Has system call NUMBER, with that second argument or with ANY, fail from now on. */
#define ANY UINT32_MAX
static int forbid(uint32_t number, uint32_t second, uint32_t error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[1])),
        BPF_JUMP(BPF_JMP | (second == ANY ? BPF_JGE : BPF_JEQ) | BPF_K, second == ANY ? 0 : second,
                 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return -errno;
    return 0;
}

static bool is_named(const char *name)
{
    for (const char *const *model = pl_models(); *model; model++)
        if (strcmp(*model, name) == 0)
            return true;
    return false;
}

/* The answers about the proactor: its absence, for that reason, is told alike everywhere. */
static int check_absence(const char *reason)
{
    struct pl_server_options options = PL_SERVER_OPTIONS;
    const char *missing = pl_model_missing("proactor");
    struct pl_server *server = NULL;

    if (!missing || strcmp(missing, reason) != 0) {
        fprintf(stderr, "expected: %s\ngot: %s\n", reason, missing ? missing : "(nothing missing)");
        return 1;
    }
    if (is_named("proactor") || !is_named("leader-followers"))
        return 2;
    options.model = "proactor";
    return pl_server_new(&options, &server) == -ENOTSUP && !server ? 0 : 3;
}

static void expect_absence(uint32_t number, uint32_t second, uint32_t error, const char *reason)
{
    pid_t child = fork();
    int status = 0;

    EXPECT(child >= 0, "fork: %s", strerror(errno));
    if (child == 0)
        _exit(forbid(number, second, error) < 0 ? 77 : check_absence(reason));
    EXPECT(waitpid(child, &status, 0) == child, "waitpid: %s", strerror(errno));
    EXPECT(WIFEXITED(status), "status %d", status);
    if (WEXITSTATUS(status) == 77)
        fputs("(no filter of system calls here) ", stderr);
    else
        EXPECT_RESULT(WEXITSTATUS(status), 0);
}

static void kernel_without_io_uring_is_told(void)
{
    expect_absence(SYS_io_uring_setup, ANY, ENOSYS,
                   "the kernel has no io_uring: Function not implemented");
}

static void policy_against_io_uring_is_told(void)
{
    expect_absence(SYS_io_uring_setup, ANY, EPERM,
                   "io_uring is not permitted: Operation not permitted");
}

static void kernel_without_rings_of_buffers_is_told(void)
{
    expect_absence(SYS_io_uring_register, IORING_REGISTER_PBUF_RING, EINVAL,
                   "the kernel's io_uring has no rings of buffers: Invalid argument");
}

static void unknown_model_is_told(void)
{
    CU_ASSERT_STRING_EQUAL(pl_model_missing("no such"), "there is no such model");
}

static void model_that_can_be_had_lacks_nothing(void)
{
    for (const char *const *model = pl_models(); *model; model++)
        CU_ASSERT_PTR_NULL(pl_model_missing(*model));
}

int main(int argc, char **argv)
{
    static const struct unit_test tests[] = {
        {"a kernel without io_uring is told", kernel_without_io_uring_is_told},
        {"a policy against io_uring is told", policy_against_io_uring_is_told},
        {"a kernel without rings of buffers is told", kernel_without_rings_of_buffers_is_told},
        {"an unknown model is told", unknown_model_is_told},
        {"a model that can be had lacks nothing", model_that_can_be_had_lacks_nothing},
        {NULL, NULL},
    };

    return unit_main(argc, argv, "model missing", tests);
}
