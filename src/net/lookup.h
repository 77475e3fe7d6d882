/*
 * A look-up of a name that the event loop does not wait for.
 * Ownership: a name_lookup is its asker's until it has called back, or name_lookup_cancel; addresses and text live in the arena
 * given.
 */
#ifndef TLSWHY_NET_LOOKUP_H
#define TLSWHY_NET_LOOKUP_H

#include "net/address.h"
#include "net/loop.h"

typedef struct name_lookup name_lookup;
/* As address_lookup gives them; `said` is a sentence of what the resolver said. */
typedef void name_lookup_callback(void *user, enum lookup_result result, const address *addresses, size_t num_addresses,
                                  const char *said);

/* Begins at once, and calls back from the loop; there is no deadline but the asker's. NULL where it cannot be begun. */
name_lookup *name_lookup_start(arena *a, loop *l, const char *host, uint16_t port, name_lookup_callback *answered, void *user);
/* Without calling back; the resolver is left behind in a thread of its own. Accepts NULL. */
void name_lookup_cancel(name_lookup *n);

#endif
