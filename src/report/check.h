/*
 * What came of trying a machine's TLS clients against one server: a row each, as text for a terminal or as JSON. Rendering is pure.
 * Ownership: everything borrows from the caller's arena.
 */
#ifndef TLSWHY_REPORT_CHECK_H
#define TLSWHY_REPORT_CHECK_H

#include "client/client.h"

enum { CHECK_REMEDIES_MAX = 2 };

/* CHECK_WOULD_: the hello of its library was sent in its place, and not by the program itself. */
enum check_result { CHECK_WORKS, CHECK_FAILS, CHECK_WOULD_WORK, CHECK_WOULD_FAIL, CHECK_NOT_TRIED };
const char *check_result_name(enum check_result r); /* "works", "fails", "would work", "would fail", "not tried" */

/* One way of what people write in their code, tried with one interpreter of Python. */
typedef struct check_attempt {
    const char *name; /* "PROTOCOL_TLSv1" ... */
    enum check_result result;
    const char *detail; /* version and suite; what the interpreter said; what it has not */
} check_attempt;

/* What is to be done about a failure. */
typedef struct check_remedy {
    const char *who; /* "client", "server", "system" */
    const char *text;
    const char *command, *line;  /* or NULL */
    const char *lowers_security; /* "none" ...; NULL unknown */
} check_remedy;

typedef struct check_row {
    const char *program;  /* as it was called */
    const char *name;     /* the same, as short as it can be typed */
    const client *client; /* or NULL, where it could not be looked at */
    enum check_result result;
    const char *version, *cipher;              /* of one that works; NULL unknown */
    const char *cause, *headline;              /* of one that fails; NULL unknown */
    const char *why;                           /* a sentence; NULL unknown */
    check_remedy remedies[CHECK_REMEDIES_MAX]; /* the first of all, and the first of the client's own where that is another */
    size_t num_remedies;
    bool is_silent;          /* the server did not answer its hello, and no experiment was made about that */
    const char *reason;      /* of one that was not tried, or of which nothing is known; of a would-be what that rests on */
    const char *document;    /* its run, as report_to_json renders it; NULL none */
    check_attempt *attempts; /* of a Python; may be empty */
    size_t num_attempts;
    const char *constants; /* "PROTOCOL_SSLv23, PROTOCOL_TLSv1": those that this interpreter has; NULL not asked */
} check_row;

typedef struct check_report {
    int64_t started_unix; /* seconds, UTC */
    const char *host;
    unsigned port;
    const char *proxy, *starttls; /* by which it was reached; NULL: none */
    check_row *rows;
    size_t num_rows;
    const char *working_command; /* for a shell, with one that works; NULL none */
} check_report;

/* Whether all that were tried work, and some were. */
bool check_all_work(const check_report *r);

char *check_to_text(arena *a, const check_report *r, bool color, size_t columns);
char *check_to_json(arena *a, const check_report *r); /* doc/schema/check.schema.json; ends with a newline */

#endif
