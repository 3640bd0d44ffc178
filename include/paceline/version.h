/* SPDX-License-Identifier: MIT */
#ifndef PACELINE_VERSION_H
#define PACELINE_VERSION_H

#if defined __GNUC__ && __GNUC__ >= 4
#define PL_EXPORT                __attribute__((visibility("default")))
#define PL_PRINTF(string, first) __attribute__((format(printf, string, first)))
#else
#define PL_EXPORT
#define PL_PRINTF(string, first)
#endif

/* The version of the library that runs, as "1.2.3": static text. Any thread. */
PL_EXPORT const char *pl_version(void);

#endif
