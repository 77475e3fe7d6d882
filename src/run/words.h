/*
 * What a command's arguments say of hosts. A word that is the name of a file that exists is no host.
 * Ownership: texts live in the arena given.
 */
#ifndef TLSWHY_RUN_WORDS_H
#define TLSWHY_RUN_WORDS_H

#include "base/arena.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct named_host {
    const char *host;
    uint16_t port; /* 0: not said */
} named_host;

/* Hosts that the arguments name: in URLs anywhere in them (also inside code), as HOST:PORT, and words that are nothing but a host
 * name with a dot. At most `max`, in order, each once. Returns how many. */
size_t words_hosts(arena *a, const char *const *argv, named_host *hosts, size_t max);

/* Where the command is likely to connect to: a host with its port, in a URL, in code ("('localhost', 443)"), or after "-p". False
 * where the arguments do not say. */
bool words_endpoint(arena *a, const char *const *argv, named_host *out);

/* Whether some argument contains this text as a word of its own ("192.0.2.7" in a URL, but not in "192.0.2.70"). */
bool words_contain(const char *const *argv, const char *text);

#endif
