/*
 * What a command's arguments say of hosts and files. Pure but for words_unreadable_file, which asks the file system.
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

/* Whether some argument contains this text as a word of its own ("192.0.2.7" in a URL, but not in "192.0.2.70"). */
bool words_contain(const char *const *argv, const char *text);

/* A certificate, key or CA file that an option names and that cannot be read; NULL where there is none. */
const char *words_unreadable_file(const char *const *argv);

#endif
