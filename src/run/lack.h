/*
 * What the client lacks, by its verdict: which version, suites, groups or schemes, and whether a hello has them. Pure.
 * Ownership: lists and texts live in the arena given.
 */
#ifndef TLSWHY_RUN_LACK_H
#define TLSWHY_RUN_LACK_H

#include "causes/change.h"
#include "causes/evidence.h"
#include "causes/verdict.h"
#include "client/capability.h"
#include "client/settings.h"

/* What the client lacks, by the cause that says so. */
typedef struct lack_row {
    const char *cause;
    enum change_kind change;
    enum ability ability;
    unsigned narrowed; /* bits of enum narrowed */
} lack_row;

typedef struct lack {
    const lack_row *row;
    code_list codes;           /* any of them would do */
    const char *name;          /* "TLS 1.2", "secp521r1" ... */
    const client_hello *hello; /* the failed one */
    unsigned narrowed;         /* of the row, as far as it can be that */
} lack;

/* False where the verdict names nothing that the client lacks. */
bool lack_find(arena *a, const verdict *v, const evidence *e, lack *out);
/* Whether that hello offers any of it. */
bool lack_is_offered(arena *a, const client_hello *hello, const lack *l);

#endif
