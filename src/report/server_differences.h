/*
 * What differs between two documents of `tlswhy server`, or between two addresses of one. Not for other rooms.
 * Ownership: texts live in the arena; the documents belong to the list until server_differences_free.
 */
#ifndef TLSWHY_REPORT_SERVER_DIFFERENCES_H
#define TLSWHY_REPORT_SERVER_DIFFERENCES_H

#include "report/server_report.h"
#include <jansson.h>

/* Something in both documents, borrowed from them; NULL: not there. */
typedef struct server_pair {
    json_t *before, *now;
} server_pair;

typedef struct server_difference {
    const char *path;     /* "versions[TLS 1.3].suites.names" */
    const char *key;      /* "names"; of an element its list's */
    json_t *before, *now; /* NULL: not there; borrowed from the documents below */
    server_pair in;       /* the objects with that key */
    server_pair at;       /* the addresses; NULL where there is none around it */
} server_difference;

typedef struct server_differences {
    server_difference *differences;
    size_t num_differences;
    json_t *before, *now;
    server_pair in, at; /* while comparing: where it is */
    const char *key;
} server_differences;

/* Takes both documents. Depth and number are bounded: a file may say anything. */
server_differences server_differences_between(arena *a, json_t *before, json_t *now);
void server_differences_free(server_differences *d);

/* The address that the others are held against: the first that speaks TLS, or the first. */
size_t server_report_base(const server_report *r);
json_t *server_address_json(arena *a, const server_at *at);
/* But for the address itself. */
server_differences server_address_differences(arena *a, const server_at *base, const server_at *other);

/* A document of ours; NULL where the text is none. */
json_t *server_report_read(const char *text, error *e);
/* Whether the list of names has one that the other has not. */
bool server_names_has_more(const json_t *list, const json_t *other);

/* MEANS_UNKNOWN: known in one of the two alone. MEANS_NOTHING: it comes by chance, or follows from another. */
enum difference_meaning { MEANS_CHANGE, MEANS_UNKNOWN, MEANS_NOTHING };
enum difference_meaning server_difference_meaning(const server_difference *d);

/* Whether it follows from another that is in the list: the habits of a version that is not there, the order of what is refused. */
bool server_difference_follows(const server_differences *found, size_t index);
/* "PATH: was X, is Y" and so on, escaped for a terminal; lists of names by what is gone and what is new. `was` and `is`: the words
 * for it. */
const char *server_difference_text(arena *a, const server_difference *d, const char *was, const char *is);

#endif
