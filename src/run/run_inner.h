/*
 * The inside of a run, shared by its files: what goes on while the command runs (run.c), and what it comes to (run_report.c). Not
 * for others. Ownership: everything lives in the run's arena.
 */
#ifndef TLSWHY_RUN_RUN_INNER_H
#define TLSWHY_RUN_RUN_INNER_H

#include "client/client.h"
#include "run/forget.h"
#include "run/outcome.h"
#include "run/run.h"
#include "run/tried.h"
#include "run/watched.h"

enum { INQUIRIES_MAX = 20, NOTES_MAX = 16 };

typedef struct run {
    arena *arena;
    loop *loop;
    const run_settings *settings;
    trace *trace;
    watched_list watched;
    forgotten forgotten;
    const trace_connection *const *known; /* when the command had ended: those that are kept, and copies of others */
    size_t num_known;
    size_t num_inquiries, num_active;
    bool command_has_ended, is_settled, is_interrupted;
    trace_exit exit;
    int64_t ended_us, deadline_us;
    loop_timer *settle;
    tried tried;         /* of a trial */
    const char *refusal; /* ... what the client says of certificates that it refuses; NULL: nothing, or not known yet */
    loop_timer *look, *patience, *farewell;
    bool hello_was_told, silence_was_told;
    const char *notes[NOTES_MAX];
    size_t num_notes;
} run;

/* Adds a note to the report: `text` is not copied. What is more than NOTES_MAX is left out. */
void run_note(run *r, const char *text);

/* Whether the command has failed, or has not ended. */
bool run_command_failed(const run *r);

/* What is known of a connection by now. */
enum outcome run_outcome_now(const run *r, const watched *w);

/* Whether the client itself has said that it refuses the certificates of this connection. */
bool run_was_refused_in_words(const run *r, const watched *w);

/* The client that failed, found once for each of its processes; NULL: not known. */
const client *run_client_of(run *r, const evidence *e);

/* Fills the report, while the command's processes may still be under watch. */
void run_make_report(run *r, report *out);

/* What each client that failed is, and why it lacks what its verdict names. Nothing is under watch any more: it may take its time.
 */
void run_tell_clients(run *r, report *out);

#endif
