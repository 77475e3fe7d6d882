/*
 * A folder of ours for files that a program is to read: 0700, under TMPDIR or /tmp. It goes when it is no longer wanted, and also
 * when this process is ended by a signal, whichever that is: a child of ours waits for that.
 * Ownership: what private_folder_new gives is ended by private_folder_remove; its texts live in the arena.
 */
#ifndef TLSWHY_CLIENT_PRIVATE_FOLDER_H
#define TLSWHY_CLIENT_PRIVATE_FOLDER_H

#include "base/bytes.h"
#include "base/error.h"

typedef struct private_folder {
    const char *path; /* in letters, digits and "_-+./" alone: it may go into variables and options that know no quotes */
    int life;         /* its keeper waits at the other end */
} private_folder;

/* NULL where none can be made. */
private_folder *private_folder_new(arena *a, error *e);
/* A new file in it, for its owner alone; `is_program`: may be executed. */
bool private_folder_write(arena *a, const private_folder *f, const char *name, bytes_view content, bool is_program,
                          error *e) MUST_CHECK;
/* With whatever lies in it; NULL is nothing. */
void private_folder_remove(private_folder *f);

#endif
