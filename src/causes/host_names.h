/*
 * Names of hosts, as certificates have them: who issues one for a name, and what a pattern covers. Pure.
 * Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_CAUSES_HOST_NAMES_H
#define TLSWHY_CAUSES_HOST_NAMES_H

#include "base/arena.h"
#include "base/bytes.h"

#include <stdbool.h>

bool host_is_address(const char *host);
/* A name below a public domain, as far as a name shows it: a public CA may issue a certificate for it. */
bool host_is_public_name(const char *host);
/* Why a pattern (*.example.com) of a certificate's names does not cover that host, though it looks as if it did: a sentence. NULL:
 * none looks so. `names`: with commas between. */
const char *host_pattern_text(arena *a, const char *host, const char *names);

#endif
