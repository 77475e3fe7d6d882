/*
 * A run, told: as text for a terminal, and as JSON. The report is data (below); rendering is pure, into a buffer; only
 * report_emit writes.
 *
 * Ownership: everything borrows from the arena of the run.
 */
#ifndef TLSWHY_REPORT_REPORT_H
#define TLSWHY_REPORT_REPORT_H

#include "causes/evidence.h"
#include "causes/verdict.h"

enum outcome { OUTCOME_OK, OUTCOME_FAILED, OUTCOME_PLAIN, OUTCOME_SUPERSEDED, OUTCOME_ABANDONED };
const char *outcome_name(enum outcome o);

typedef struct report_connection {
    const evidence *evidence; /* its conversation, host, port, addresses */
    const char *address;      /* numeric; NULL where there was none */
    int pid;
    const char *exe; /* or NULL */
    enum outcome outcome;
    int64_t began_us;       /* the timeline's zero */
    const verdict *verdict; /* NULL unless failed */
    size_t same_as;  /* index + 1 of an earlier connection whose verdict this shares (the client retried the same); 0: none */
    size_t num_more; /* that were the same in all, and are not kept */
} report_connection;

typedef struct report_unobserved {
    const char *what;
    int pid;
    const char *exe;
    const char *detail;
} report_unobserved;

typedef struct report {
    int64_t started_unix;    /* seconds, UTC */
    const char *const *argv; /* NULL-terminated */
    int exit_status;         /* -1: signal */
    int64_t told_after_us;   /* from the command's end until all of this was known */
    bool was_interrupted;    /* a signal that asks for the end came to this process while the command ran */
    int signal_number;       /* 0: none */
    report_connection *connections;
    size_t num_connections;
    size_t num_more_ok, num_more_plain, num_more_others; /* connections that are only counted: there were too many to keep */
    report_unobserved *not_observed;
    size_t num_not_observed;
    const char **notes;
    size_t num_notes;
    size_t num_probe_connections;
    int64_t probing_us;
} report;

enum color_choice { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Text for a terminal of `columns` (at least 40; 80 where not known). No byte of the network reaches it unescaped. Nothing is
 * rendered (an empty string) where every connection is ok or plain and `verbose` is false ... */
char *report_to_text(arena *a, const report *r, bool color, size_t columns, bool verbose);
/* ... one document, as DESIGN.md's JSON and doc/schema/report.schema.json say; ends with a newline. */
char *report_to_json(arena *a, const report *r);

/* Bytes from outside, made safe for a terminal: control characters, invalid UTF-8, bidirectional and other invisible
 * characters as \xNN or \u{...}; at most `len_max` characters, then "...". */
char *text_escape(arena *a, bytes_view v, size_t len_max);
/* An argument as it may be shown: what looks like a secret (after --password, -u user:pass, Authorization:, userinfo of a URL,
 * token= ...) is replaced by "***". `previous` is the argument before, or NULL. Escaped as well. */
char *argument_for_display(arena *a, const char *argument, const char *previous);
/* The same of one of a command's, whose program may give an option a meaning of its own. */
char *command_argument_for_display(arena *a, const char *const *argv, size_t at);

#endif
