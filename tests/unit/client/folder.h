/* A folder of a test's own, with files in it. */
#ifndef TLSWHY_TESTS_CLIENT_FOLDER_H
#define TLSWHY_TESTS_CLIENT_FOLDER_H

#include "trace/snapshot.h"

typedef struct test_folder {
    arena *arena;
    const char *path;
} test_folder;

test_folder folder_new(void);
/* Its path. Folders on the way are made. */
const char *folder_add(const test_folder *f, const char *name, const void *content, size_t len);
const char *folder_add_text(const test_folder *f, const char *name, const char *text);
void folder_free(test_folder *f); /* with all that is in it */

/* "NAME=value" ... into surroundings of that folder. */
const process_snapshot *folder_surroundings(const test_folder *f, const char *const *environment);

#endif
