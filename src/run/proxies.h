/*
 * Proxies that a process is told of by its arguments and its environment: which of them names the place that it connects to.
 * Credentials in them are passed over, and never kept. Pure.
 */
#ifndef TLSWHY_RUN_PROXIES_H
#define TLSWHY_RUN_PROXIES_H

#include "trace/snapshot.h"
#include <stdint.h>

typedef struct named_proxy {
    const char *variable; /* "HTTPS_PROXY", or the option: "--proxy"; a literal */
    const char *host;     /* in the arena given */
    uint16_t port;        /* 0: not said, it depends on the client */
} named_proxy;

#define PROXIES_MAX ((size_t)10)

/* All that are named, by arguments first, then those for https. Returns how many. */
size_t proxies_of(arena *a, const process_snapshot *process, named_proxy out[PROXIES_MAX]);

/* The option or variable that names a proxy of this port, at one of these names and addresses; NULL where none does. */
const char *proxies_variable(const named_proxy *proxies, size_t num, uint16_t port, const char *const *names, size_t num_names);

#endif
