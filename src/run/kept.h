/*
 * The command's stdin and stdout, kept so that it may be run again: what it was given is given again, what it wrote is held back.
 * Past KEPT_LEN_MAX both stream, and nothing can be run again. A terminal is left as it is.
 * Ownership: a `kept` owns its descriptors and threads until kept_free, which puts the process's own back.
 */
#ifndef TLSWHY_RUN_KEPT_H
#define TLSWHY_RUN_KEPT_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

#define KEPT_LEN_MAX ((size_t)64 * 1024 * 1024)

typedef struct kept kept;

kept *kept_new(error *e);
/* Before each run: stdin begins anew, stdout goes into a new store. */
bool kept_begin(kept *k, error *e) MUST_CHECK;
/* After it. Returns whether the command may be run again: false where its output has been shown already (it was too long, or a
 * child that is left still writes), or its input could not be kept. */
bool kept_end(kept *k);
/* Writes out what run `number` (from 0) wrote. */
void kept_show(kept *k, size_t number);
void kept_free(kept *k);

#endif
