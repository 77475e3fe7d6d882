/*
 * Through which files a program reaches its TLS library: by what each mapped file needs (DT_NEEDED), nearest to the program first.
 * curl is linked with libcurl, which is linked with libssl, and also with libldap, which is linked with libgnutls: the nearest is
 * what it uses.
 * Ownership: texts are the snapshot's own.
 */
#ifndef TLSWHY_CLIENT_REACH_H
#define TLSWHY_CLIENT_REACH_H

#include "client/client.h"

/* Which library a shared library is, by its file name; LIBRARY_UNKNOWN for none. */
enum library_kind shared_library_kind(const char *path);
/* The mapped file whose base name begins so; NULL none. */
const char *mapped_file(const process_snapshot *p, const char *prefix);
/* The path under which this process can read a file of that one: it may have a root of its own. */
const char *readable_path(arena *a, const process_snapshot *p, const char *path);

typedef struct reach {
    const char *library; /* the shared library's file; NULL none */
    enum library_kind kind;
    const char *module; /* the file that needs it; NULL: the program itself, or not known (it was loaded by name) */
} reach;

/* False where no TLS library is mapped. */
bool reach_find(const process_snapshot *p, reach *out);

#endif
