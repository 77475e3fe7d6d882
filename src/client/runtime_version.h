/* The version of the runtime that a client belongs to, as far as the names of its files tell. Pure; in the arena given. */
#ifndef TLSWHY_CLIENT_RUNTIME_VERSION_H
#define TLSWHY_CLIENT_RUNTIME_VERSION_H

#include "client/client.h"

/* "3.12", "17.0.15", "1.19.8"; NULL where nothing tells. Node.js's is not told by any file's name. */
const char *client_runtime_version(arena *a, const client *c);

#endif
