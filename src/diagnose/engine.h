/*
 * The engine's inside, shared by its files only: trials, waves and stages.
 *
 * Ownership: all of it is one struct in the arena of the diagnosis.
 * A trial is one hello that is asked once or several times; a wave is a list of askings. A stage plans trials and reads their
 * answers, then names the next stage. Each stage is a pair of functions in a table (stages.c).
 */
#ifndef TLSWHY_DIAGNOSE_ENGINE_H
#define TLSWHY_DIAGNOSE_ENGINE_H

#include "causes/cause.h"
#include "diagnose/broad.h"
#include "diagnose/diagnosis.h"

#define WAVE_LEN_MAX ((size_t)160)
#define WINNERS_MAX ((size_t)12)
#define VARIANTS_MAX ((size_t)12)
#define NARROW_MAX ((size_t)14)
#define CONNECTIONS_WANTED_MAX ((size_t)40)
#define PROOF_CONNECTIONS ((size_t)10)
#define STAGGER_US ((int64_t)2000)

typedef struct trial {
    bool planned;
    bool listens_only;
    client_hello hello;
    enum protocol preamble;
    bool keeps_chunks;
    bool small_segments;
    bool is_binding; /* its bytes are asked again as they are */
    enum question_depth depth;
    size_t asked, accepted;
    answer last;           /* the last answer ... */
    answer last_failure;   /* ... the last that refused: kind ANSWER_ACCEPTED where none did ... */
    answer last_accepted;  /* ... and the last that accepted: no conversation where none did */
    bytes_view last_bytes; /* of the hello as it was sent */
} trial;

typedef struct asking {
    trial *of;
    size_t address_index;
    client_hello hello; /* the trial's, with fresh randoms */
    answer got;
    bool was_alone;
} asking;

/* Control and change at one address, counted for the proof. */
typedef struct tally {
    size_t failed, worked;
} tally;

enum stage_id {
    STAGE_OBSERVE,
    STAGE_PLAIN,           /* the client spoke in clear: does the server take TLS? */
    STAGE_UPGRADE,         /* the server spoke in clear: does it upgrade? */
    STAGE_FIRST,           /* control, and the versions one by one */
    STAGE_FLIGHT,          /* the hellos were agreed on: what came after? */
    STAGE_FETCH,           /* an issuer is missing: what is to be had where its certificate says? */
    STAGE_REQUEST,         /* it went well and was ended: does the server want to ask for a certificate after the handshake? */
    STAGE_SEGMENTS,        /* the server's flight stalls: does it come in small segments? */
    STAGE_AGAIN,           /* the control worked: how often does it? */
    STAGE_NAMES,           /* none of our own was accepted: other server names, and the client's own hello widened */
    STAGE_VARIANTS,        /* nor those: other kinds of hello */
    STAGE_SILENT_UPGRADES, /* nor those: protocols that wait for the client to begin the upgrade */
    STAGE_VERSIONS,        /* the versions again, as the variant taught */
    STAGE_SINGLES,         /* single changes of the client's hello */
    STAGE_TWINS,           /* is it the change, or the size that comes with it? */
    STAGE_SUBSET,          /* no single change: all together, and all but one */
    STAGE_NECESSARY,       /* the smallest set alone */
    STAGE_NARROW,          /* which of several codes */
    STAGE_SIZES,           /* at which sizes it breaks */
    STAGE_CONFIRM,         /* five and five in turn */
    STAGE_CONFIRM_DROPS,
    STAGE_DECIDED,
    STAGE_COUNT,
};

typedef struct diagnosis diagnosis;

typedef struct winner {
    const cause *cause;
    change_set set;
    trial *of;
    trial twin; /* the change at the old size, or the new size without the change */
    bool shrinks;
} winner;

typedef struct candidate {
    const cause *cause;
    change_set set;
    const cause *also[CHANGE_KIND_COUNT];
    size_t num_also;
    const char *name, *label; /* of a change that is none of the hello; NULL: the set's own */
    enum protocol upgrade;    /* starttls-needed: the preamble that makes the difference */
} candidate;

struct diagnosis {
    arena *arena;
    const diagnosis_tools *tools;
    facts facts;
    client_hello replayed; /* the client's hello as it is asked again */
    bool left_out_resumption;
    client_hello original; /* with what a resumption needs */
    enum stage_id stage;
    size_t repeats; /* each question of the search is asked so often: 1, and more where the first search came to nothing */
    verdict verdict;

    asking wave[WAVE_LEN_MAX];
    size_t num_askings;
    wanted_probe probes[WAVE_LEN_MAX];
    size_t asked_from;          /* first asking of what was handed out last */
    size_t alone[WAVE_LEN_MAX]; /* indexes of askings to be repeated alone, since their silence is in doubt */
    size_t num_alone;
    bool asking_alone;
    bool is_fickle;     /* the same hello was answered now so, now otherwise */
    bool is_serial;     /* the server takes one connection at a time */
    bool takes_several; /* it answered one that was asked after another that it left without an answer */
    size_t num_connections, num_waves;

    const char *wanted_file; /* to be fetched; NULL none */
    trial control;
    trial readable; /* the client's hello without the groups whose keys cannot be made here */
    trial versions[NUM_TRIED_VERSIONS];
    trial variants[VARIANTS_MAX];
    change variant_changes[VARIANTS_MAX]; /* what each teaches, kind CHANGE_KIND_COUNT where nothing of the client's */
    size_t num_variants;
    broad_options base;      /* how our own hellos are made */
    bool has_learnt;         /* from a variant: it is not asked for another */
    enum change_kind taught; /* what that variant changed; CHANGE_KIND_COUNT: nothing of the client's */
    bool taught_was_tried;
    bool pairs_were_tried; /* what was taught, with one change more */
    change_set lead;       /* a single change that is refused as well, and for another reason */
    answer lead_answer;

    trial upgrades[5];
    bool versions_asked_again;
    bool versions_tried; /* without a version in common: raising or lowering alone, and all changes together */
    proposal_list proposals;
    trial singles[PROPOSALS_MAX];
    winner winners[WINNERS_MAX];
    size_t num_winners;
    bool twins_were_asked;
    trial suites_shared; /* the client's suites with broad groups and schemes */

    change_set full;
    const cause *full_causes[CHANGE_KIND_COUNT * 2];
    trial full_trial;
    trial all_but[CHANGE_KIND_COUNT * 2];
    change_set necessary;
    trial necessary_trial;
    trial necessary_and[CHANGE_KIND_COUNT * 2]; /* the necessary ones and one more */
    trial necessary_but[CHANGE_KIND_COUNT * 2]; /* and one less */
    bool necessary_asked;

    candidate candidate;
    trial change; /* the candidate's hello */
    trial narrow[NARROW_MAX];
    code_list narrow_codes;
    size_t narrow_index; /* of the change in the candidate's set */
    bool narrowed;
    bool choice_was_tried; /* of the codes, the one that the server chose */
    trial size_twin;
    trial rivals[CHANGE_KIND_COUNT * 2]; /* the proof's: the candidate without one of its changes, by the change's index */
    size_t sizes[4];
    trial size_trials[4];
    size_t num_sizes;
    tally control_seen[8], change_seen[8]; /* by address */
    size_t looks;
    trial agreeable; /* for STAGE_CONFIRM_DROPS */
};

/* ---- trials.c: waves ------------------------------------------------------------------------------------------- */

/* Puts a trial's hello into the wave `times` times, at that address. */
/* Whether `more` probes that are good to have leave enough of the forty for the proof. */
bool can_spend(const diagnosis *d, size_t more);
void ask(diagnosis *d, trial *t, size_t times, size_t address_index);
/* A trial of `hello`; planned, not yet asked. */
void trial_plan(trial *t, const client_hello *hello);
/* A trial of the client's hello with changes; stays unplanned where they cannot be made. */
bool trial_plan_changes(diagnosis *d, trial *t, const change_set *set);
bool trial_works(const trial *t); /* asked, and more than half accepted */
/* Takes in the wave's answers. Returns false where some have to be asked again alone first. */
bool wave_take(diagnosis *d, const answer *answers, size_t num_answers);
size_t wave_hand_out(diagnosis *d, const wanted_probe **probes);
size_t trial_message_len(diagnosis *d, const trial *t);

/* ---- stages, search, proof: a file for each ---------------------------------------------------------------------- */

typedef struct stage {
    void (*plan)(diagnosis *d);
    void (*read)(diagnosis *d);
} stage;
extern const stage stages[STAGE_COUNT];

/* Whether a cause holds by what is known already: then it is decided. */
bool observed_by_some_cause(diagnosis *d);
void observe_plan(diagnosis *d);
void plain_plan(diagnosis *d);
void plain_read(diagnosis *d);
void upgrade_plan(diagnosis *d);
void upgrade_read(diagnosis *d);
void silent_upgrades_plan(diagnosis *d);
void silent_upgrades_read(diagnosis *d);
void names_plan(diagnosis *d);
void variants_plan(diagnosis *d);
void variants_read(diagnosis *d);
/* Whether the server refused it for its version, in so many words. */
bool says_protocol_version(const trial *t);
void flight_plan(diagnosis *d);
void flight_read(diagnosis *d);
void request_plan(diagnosis *d);
void request_read(diagnosis *d);
void fetch_plan(diagnosis *d);
void flight_judge(diagnosis *d);
/* Whether the server answers the hello without groups that cannot be computed here otherwise than the client's own: with another
 * version, suite, or size of its certificates. */
bool readable_differs(const diagnosis *d);
/* How the two compare, where two were asked. */
void tell_readable(diagnosis *d);
/* Whether the judgement lacks an issuer that is to be had somewhere, and may be fetched. */
bool wants_fetch(const diagnosis *d);
void flight_decide(diagnosis *d);
void segments_plan(diagnosis *d);
void segments_read(diagnosis *d);
void singles_plan(diagnosis *d);
void singles_read(diagnosis *d);
/* Its place in the order of naming: changes of the encoding leave what is offered as it is, so where one of them alone works,
 * nothing offered is at fault. */
enum naming_rank naming_rank_of(const cause *c, const change *made);
/* All that was proposed and is compatible, together. */
change_set full_set(diagnosis *d);
/* That cause is to be proved next, by that change, which `of` has tried. */
void choose_change(diagnosis *d, const cause *c, change_set set, const trial *of);
void twins_plan(diagnosis *d);
void twins_read(diagnosis *d);
void subset_plan(diagnosis *d);
void subset_read(diagnosis *d);
void necessary_plan(diagnosis *d);
void necessary_read(diagnosis *d);
void narrow_plan(diagnosis *d);
void narrow_read(diagnosis *d);
void sizes_plan(diagnosis *d);
void sizes_read(diagnosis *d);
void confirm_plan(diagnosis *d);
void confirm_read(diagnosis *d);
void confirm_drops_plan(diagnosis *d);
void confirm_drops_read(diagnosis *d);

/* Begins the search anew, with every question asked five times: for a server that fails by chance. False where that was done. */
bool search_again(diagnosis *d);

/* The client's hello is accepted without the session or key that it refers to: is it refused with it? False where it has none. */
bool try_resumption(diagnosis *d);

/* The candidate's change in the report: "offer TLS 1.2" and "the same, offering TLS 1.2". */
const char *candidate_name(const diagnosis *d);
const char *candidate_label(const diagnosis *d);

/* Goes on with the candidate: narrowing, sizes, proof. */
void candidate_chosen(diagnosis *d);

/* ---- telling.c: the verdict ------------------------------------------------------------------------------------ */

void decide(diagnosis *d, const cause *c, enum proof proof);
void decide_unknown(diagnosis *d, const char *headline);
void tell_experiment(diagnosis *d, const trial *t, const char *name, const char *label);
void tell_server(diagnosis *d);
/* Whether one of the variants was accepted, now or again: then our own hellos are made like it, and the stage is set. */
bool learnt_from_variants(diagnosis *d);
void learn_versions(diagnosis *d); /* from the trials of the versions, into the facts */

#endif
