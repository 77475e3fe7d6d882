/*
 * Whether clients would get in to a server, told: as text for a terminal and as JSON. Pure; no byte of the network reaches the text
 * unescaped.
 * Ownership: everything borrows; results live in the arena given.
 */
#ifndef TLSWHY_REPORT_ADMISSION_H
#define TLSWHY_REPORT_ADMISSION_H

#include "causes/verdict.h"

#include <jansson.h>

typedef struct admission_told {
    const char *client;     /* "curl-7.88.1", or a file */
    const char *what;       /* what the profile says of itself; "" nothing */
    const char **addresses; /* numeric: where; of one client there may be several rows, by what came of it */
    size_t num_addresses;   /* 0: not told */
    bool is_passed_over;    /* no connection there, but elsewhere */
    bool is_admitted, wants_certificate, left_out_resumption;
    uint16_t version, suite, group; /* 0: not known */
    bytes_view alpn;                /* empty none */
    const char *problem;            /* it could not be found out; NULL: it was */
    const verdict *verdict;         /* why it is refused, or what is known where it could not be found out; NULL: nothing */
    size_t num_connections;
} admission_told;

/* `server` is what was asked, as in "example.com:443". */
char *admissions_to_text(arena *a, const char *server, const admission_told *told, size_t num_told, bool color, size_t columns);
/* One document, "tlswhy.admission/1"; ends with a newline. */
char *admissions_to_json(arena *a, const char *server, const admission_told *told, size_t num_told);
/* The value of its key "clients", for other documents. */
json_t *admission_array(arena *a, const admission_told *told, size_t num_told);

#endif
