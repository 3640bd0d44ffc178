/* SPDX-License-Identifier: MIT */
/*
 * The scene of a failure: what all threads of the test and of the processes that it started were
 * doing when an expectation failed, for those who read a log of what they cannot repeat.
 */
#ifndef TESTS_LIB_SCENE_H
#define TESTS_LIB_SCENE_H

/*
 * Prints, on standard output, for the calling process and its children: of each thread its name,
 * state, where in the kernel it waits, and its system call; of each io_uring what the kernel tells of
 * it. What cannot be read is left out.
 */
void scene_print(void);

#endif
