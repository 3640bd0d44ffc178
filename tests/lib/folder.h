/* SPDX-License-Identifier: MIT */
#ifndef TESTS_LIB_FOLDER_H
#define TESTS_LIB_FOLDER_H

/* Makes an empty folder of the test's own under TMPDIR or /tmp. Its path, or NULL: free it. */
char *folder_new(void);

/* Removes the folder with everything in it and frees PATH. NULL is allowed. */
void folder_remove(char *path);

/* The path FOLDER/NAME, to be freed; NULL without memory or folder. */
char *folder_path(const char *folder, const char *name);

#endif
