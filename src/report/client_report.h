/*
 * Clients, told: the table of all that are on this machine, and one of them in full; as text for a terminal and as JSON
 * (doc/schema/clients.schema.json). Rendering is pure, into the arena. What files and programs say is escaped.
 * Ownership: what is returned lives in the arena given.
 */
#ifndef TLSWHY_REPORT_CLIENT_REPORT_H
#define TLSWHY_REPORT_CLIENT_REPORT_H

#include "client/summary.h"

char *clients_to_text(arena *a, const found_clients *list, bool color, size_t columns);
char *clients_to_json(arena *a, const found_clients *list);

char *summary_to_text(arena *a, const client_summary *p, bool color, size_t columns);
char *summary_to_json(arena *a, const client_summary *p);

/* Variables that change what such a client does, and their values in its environment; NULL-terminated, of "NAME=value". Values
 * that are not set are left out. */
const char *const *client_variables(arena *a, const client *c);

#endif
