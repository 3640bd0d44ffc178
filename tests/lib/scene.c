/* SPDX-License-Identifier: MIT */
#include "config.h"

#include "tests/lib/scene.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Processes whose scene is printed; a test that fails again and again says no more. */
#define PROCESSES_MOST 16
#define LINES_MOST     60 /* of a file */

static unsigned processes;

/* Prints the lines of a file, each behind PREFIX. */
static void print_file(const char *path, const char *prefix)
{
    FILE *file = fopen(path, "re");
    char line[300];

    if (!file)
        return;
    for (int i = 0; i < LINES_MOST && fgets(line, sizeof line, file); i++)
        printf("%s%s%s", prefix, line, strchr(line, '\n') ? "" : "\n");
    fclose(file);
}

static void for_each_entry(const char *path, void (*visit)(const char *folder, const char *name))
{
    DIR *folder = opendir(path);
    struct dirent *entry;

    if (!folder)
        return;
    while ((entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            visit(path, entry->d_name);
    closedir(folder);
}

static void print_thread(const char *folder, const char *name)
{
    static const char *const files[] = {"comm", "wchan", "syscall"};
    char path[600];

    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        snprintf(path, sizeof path, "%s/%s/%s", folder, name, files[i]);
        print_file(path, i == 0 ? "      thread " : "        ");
    }
}

static void print_ring(const char *folder, const char *name)
{
    char path[600];
    char target[100];
    ssize_t length;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    length = readlink(path, target, sizeof target - 1);
    if (length < 0)
        return;
    target[length] = '\0';
    if (!strstr(target, "io_uring"))
        return;
    printf("      ring %s\n", name);
    snprintf(path, sizeof path, "%sinfo/%s", folder, name);
    print_file(path, "        ");
}

static void print_process(long pid)
{
    char path[100];

    if (processes++ >= PROCESSES_MOST)
        return;
    printf("    process %ld\n", pid);
    snprintf(path, sizeof path, "/proc/%ld/task", pid);
    for_each_entry(path, print_thread);
    snprintf(path, sizeof path, "/proc/%ld/fd", pid);
    for_each_entry(path, print_ring);
}

/* The children that a thread has started. */
static void print_children(const char *folder, const char *name)
{
    char path[600];
    FILE *file;
    long pid;

    snprintf(path, sizeof path, "%s/%s/children", folder, name);
    file = fopen(path, "re");
    if (!file)
        return;
    while (fscanf(file, "%ld", &pid) == 1)
        print_process(pid);
    fclose(file);
}

void scene_print(void)
{
    printf("\n");
    print_process((long)getpid());
    for_each_entry("/proc/self/task", print_children);
    fflush(stdout);
}
