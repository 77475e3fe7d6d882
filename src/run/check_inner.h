/*
 * The inside of a check, shared by its files: which clients (check.c), and how they are tried (check_trials.c). Not for others.
 * Ownership: everything lives in the check's arena.
 */
#ifndef TLSWHY_RUN_CHECK_INNER_H
#define TLSWHY_RUN_CHECK_INNER_H

#include "client/private_folder.h"
#include "client/program.h"
#include "client/recipe.h"
#include "run/check.h"
#include "run/trial.h"

enum { ROWS_MAX = 256 };

typedef struct check {
    arena *arena;
    const check_settings *settings;
    program_surroundings surroundings;
    recipe_target to;
    private_folder *folder; /* of ours, where a runtime needs one */
    trace_detour detour;
    bool is_mute;       /* the server answers no hello at all */
    bool is_mute_to_us; /* ... as a hello of ours has shown; else as many clients have */
    bool has_name_here; /* the host has an address on this machine */
    check_report *out;
    const char *programs[ROWS_MAX]; /* the path that each row's program is started by */
    bool is_askable[ROWS_MAX];
    bool is_listed_only[ROWS_MAX]; /* how to make it connect is not known */
} check;

size_t check_at_once(void);           /* how many clients are started side by side */
int64_t check_gap_us(const check *c); /* between the beginnings of two connections, by the rate; 0: none */
trial check_trial_of(const check *c, char **argv, int64_t silence_us);

/* In this order; false where nothing can be started. */
bool check_try_together(check *c, error *e) MUST_CHECK;
void check_learn_whether_mute(check *c);
bool check_try_silent_ones_alone(check *c, error *e) MUST_CHECK;
bool check_explain_silence(check *c, error *e) MUST_CHECK;
bool check_try_hellos(check *c, error *e) MUST_CHECK;

#endif
