/*
 * Reads what a trust store is made of: files, folders of files, key stores, a binary that has its roots in it.
 * Ownership: everything is in the arena. Files are opened so that a pipe does not block.
 */
#ifndef TLSWHY_CLIENT_TRUST_READ_H
#define TLSWHY_CLIENT_TRUST_READ_H

#include "client/trust_store.h"
#include "crypto/keystore.h"

/* Whether a file has that text in it, and what follows it up to `end` (not included); NULL where not. In `a`. */
const char *trust_file_text_after(arena *a, const char *path, const char *text, char end);

/* What key stores are closed with where nobody chose another one. */
#define TRUST_USUAL_PASSWORD "changeit"

/* Loads what `source->path` names by `source->form`, and fills the rest of it; all that was in it is in `out` as well. */
void trust_source_load(arena *a, trust_source *source, const char *password, keystore *out);

#endif
