#include "run/check_inner.h"

#include "client/profile.h"
#include "run/hello_trial.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

/* A client that has said nothing for so long will not; a busy Java takes some seconds to start. */
#define CLIENT_TIME_MS ((int64_t)8000)
#define CLIENT_BUSY_MS ((int64_t)1500)
#define CLIENT_TIME_ALONE_MS ((int64_t)15000)
/* How long a hello goes without an answer until it is silence: a server that takes one connection at a time, or is busy, answers a
 * client that is alone. */
#define SILENCE_TOGETHER_US ((int64_t)2000000)
#define SILENCE_ALONE_US ((int64_t)3000000)
#define SILENCE_LEARNED_US ((int64_t)1000000) /* once several were met by silence, and nobody by an answer */
/* All that are tried alone, together: those that come later keep what was found beside the others. */
#define ALL_ALONE_MS ((int64_t)30000)
#define AGREEABLE_PROFILE "openssl-1.1.1" /* TLS 1.0 to 1.3, in a small hello */
enum { AT_ONCE_PER_PROCESSOR = 3, EXPLAINED_MAX = 2, SILENT_ENOUGH = 4 };

/* ---- each one's trial ---------------------------------------------------------------------------------------------------------
 */

static int64_t now_ms(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

size_t check_at_once(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return (size_t)(processors < 1 ? 1 : processors) * AT_ONCE_PER_PROCESSOR;
}

/* Some servers take one connection at a time, and a machine on which all are started at once is slow: silence counts only from one
 * that was tried alone. */
static bool was_silent(const check_row *row)
{
    static const char *const causes_of_silence[] = {"handshake-timeout", "tcp-timeout", "unknown"};
    bool is_silent = row->result == CHECK_NOT_TRIED || (row->result == CHECK_FAILS && row->cause == NULL);
    for (size_t i = 0; row->cause != NULL && i < sizeof causes_of_silence / sizeof *causes_of_silence; i++)
        is_silent = is_silent || strcmp(row->cause, causes_of_silence[i]) == 0;
    return is_silent;
}

int64_t check_gap_us(const check *c)
{
    return c->settings->rate > 0 ? (int64_t)(1e6 / c->settings->rate) : 0;
}

trial check_trial_of(const check *c, char **argv, int64_t silence_us)
{
    bool is_led = c->settings->is_led;
    return (trial){.argv = argv,
                   .host = c->to.host,
                   .port = is_led ? address_port(&c->detour.to) : c->to.port,
                   .detour = is_led ? &c->detour : NULL,
                   .timeout_us = c->settings->timeout_us,
                   .silence_us = silence_us,
                   .gap_us = check_gap_us(c),
                   .may_fetch = c->settings->may_fetch};
}

/* A server whose silence is not about the hello: nothing is there, or TCP did not get through. */
static bool failed_before_hello(const check_row *row)
{
    return row->cause != NULL && (strncmp(row->cause, "tcp-", 4) == 0 || strncmp(row->cause, "dns-", 4) == 0 ||
                                  strcmp(row->cause, "nothing-to-offer") == 0);
}

static bool was_answered(const check_row *row)
{
    return row->result == CHECK_WORKS || (row->result == CHECK_FAILS && !was_silent(row) && !failed_before_hello(row));
}

/* Some rows, tried side by side; what the first of them met tells how long the later ones need to wait. */
typedef struct together {
    check *check;
    const size_t *rows;
    job jobs[ROWS_MAX];
    trial trials[ROWS_MAX];
    size_t num_begun, num_silent, num_answered;
    bool learns;
} together;

/* Those that come first wait as long as one that is alone: a server that takes one connection at a time takes theirs. */
static void row_begins(void *user, size_t index)
{
    together *t = user;
    bool is_hopeless = t->num_silent >= SILENT_ENOUGH && t->num_answered == 0;
    if (t->learns && t->num_begun >= check_at_once())
        t->trials[index].silence_us = is_hopeless ? SILENCE_LEARNED_US : SILENCE_TOGETHER_US;
    t->num_begun++;
}

static void row_ended(void *user, size_t index)
{
    together *t = user;
    check_row *row = &t->check->out->rows[t->rows[index]];
    trial_read(t->check->arena, &t->trials[index], &t->jobs[index], row);
    t->num_silent += row->is_silent;
    t->num_answered += was_answered(row);
}

/* Tries these rows, as many at once and for as long as the settings say. `silence_us` 0: silence is explained. */
static bool try_rows(check *c, const size_t *rows, size_t num_rows, jobs_settings settings, int64_t silence_us, error *e)
{
    together *t = ARENA_NEW(c->arena, together);
    *t = (together){.check = c, .rows = rows, .learns = num_rows > SILENT_ENOUGH && silence_us > 0};
    for (size_t i = 0; i < num_rows; i++) {
        const check_row *row = &c->out->rows[rows[i]];
        char **argv = recipe_arguments(c->arena, row->client->runtime, c->programs[rows[i]], NULL, &c->to,
                                       c->settings->is_led ? RECIPE_LED : RECIPE_DEFAULT);
        t->trials[i] = check_trial_of(c, argv, silence_us);
        t->jobs[i] = trial_job(&t->trials[i]);
    }
    settings.begins = row_begins;
    settings.ended = row_ended;
    settings.user = t;
    return jobs_run(c->arena, t->jobs, num_rows, &settings, e);
}

static bool try_alone(check *c, size_t row, int64_t silence_us, error *e)
{
    int64_t more_ms = c->settings->timeout_us / 1000;
    jobs_settings alone = {.at_once = 1, .soft_ms = CLIENT_TIME_ALONE_MS, .hard_ms = CLIENT_TIME_ALONE_MS + more_ms};
    return try_rows(c, &row, 1, alone, silence_us, e);
}

/* The slow ones first, so that the others run beside them. */
bool check_try_together(check *c, error *e)
{
    size_t rows[ROWS_MAX], num = 0;
    int64_t more_ms = c->settings->timeout_us / 1000;
    bool has_rate = c->settings->rate > 0; /* one at a time: what one asks would come on top of what another does */
    jobs_settings beside = {.at_once = has_rate ? 1 : check_at_once(),
                            .gap_ms = check_gap_us(c) / 1000,
                            .busy_ms = has_rate ? 0 : CLIENT_BUSY_MS,
                            .soft_ms = CLIENT_TIME_MS,
                            .hard_ms = CLIENT_TIME_MS + more_ms};
    for (int is_slow = 1; is_slow >= 0; is_slow--)
        for (size_t i = 0; i < c->out->num_rows; i++)
            if (c->is_askable[i] && (c->out->rows[i].client->runtime == RUNTIME_JAVA) == (is_slow != 0))
                rows[num++] = i;
    return try_rows(c, rows, num, beside, num > SILENT_ENOUGH ? SILENCE_ALONE_US : SILENCE_TOGETHER_US, e);
}

static bool same_text(const char *one, const char *other)
{
    return one == other || (one != NULL && other != NULL && strcmp(one, other) == 0);
}

/* A server that takes one connection at a time would have let the first of them in. */
static bool all_met_the_same(const check *c)
{
    const check_row *first = NULL;
    size_t num = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        const check_row *row = &c->out->rows[i];
        if (!c->is_askable[i])
            continue;
        if (row->cause == NULL || (first != NULL && !same_text(row->cause, first->cause)))
            return false;
        first = row;
        num++;
    }
    return num > 2;
}

/* Those that were answered with silence, again and one after the other, until one that is alone meets the same: then it is believed
 * of the others too. What is unknown of one tells nothing of another. */
bool check_try_silent_ones_alone(check *c, error *e)
{
    const char *believed = "";
    bool silence_is_believed = false;
    int64_t until_ms = now_ms() + ALL_ALONE_MS;
    if (c->is_mute || all_met_the_same(c))
        return true;
    for (size_t i = 0; i < c->out->num_rows && now_ms() < until_ms; i++) {
        check_row *row = &c->out->rows[i];
        const char *cause = row->cause;
        if (!c->is_askable[i] || !was_silent(row) || (row->is_silent ? silence_is_believed : same_text(cause, believed)))
            continue;
        bool was_without_answer = row->is_silent;
        if (!try_alone(c, i, SILENCE_ALONE_US, e))
            return false;
        silence_is_believed = silence_is_believed || (was_without_answer && row->is_silent);
        if (!row->is_silent && was_silent(row) && same_text(cause, row->cause) && !same_text(cause, "unknown"))
            believed = cause;
    }
    return true;
}

/* ---- silence -------------------------------------------------------------------------------------------------------------------
 */

/* A hello that almost any server takes, alone. False where that is answered, or nothing is known of it. */
static bool is_silent_to_all(check *c)
{
    hello_trial asked = {
        .profile = AGREEABLE_PROFILE, .to = c->settings->target, .timeout_us = SILENCE_ALONE_US, .only_asks = true};
    job one = hello_trial_job(&asked);
    error unheard;
    if (!jobs_run(c->arena, &one, 1, &(jobs_settings){.at_once = 1, .soft_ms = CLIENT_TIME_MS, .hard_ms = CLIENT_TIME_MS},
                  &unheard))
        return false;
    hello_told told = hello_trial_read(c->arena, &one);
    return told.is_known && told.is_silent;
}

static void tell_silence(check *c, check_row *row)
{
    row->cause = "handshake-timeout";
    row->reason = NULL;
    row->remedies[0] =
        (check_remedy){.who = "server",
                       .text = "Look at the server's log and at what stands before it: an access list, a rate limit, a "
                               "load balancer without a living backend. From another address it may answer.",
                       .lowers_security = "none"};
    row->num_remedies = 1;
    const char *shown =
        c->is_mute_to_us
            ? "none of those that were tried here was answered within 2 s, nor was one that almost any server takes, sent alone, "
              "within 3"
            : "the clients that were tried here first waited 3 s each for an answer, the others between 1 and 3 s, and none came";
    row->headline = arena_printf(c->arena, "%s:%u takes the TCP connection and answers no hello: %s.", c->settings->target->host,
                                 c->settings->target->port, shown);
}

/* Nobody was answered, though some asked for long: a server that takes one connection at a time, or is slow where several come,
 * would have answered the first of many. Of a few it is found out by a hello of ours. */
void check_learn_whether_mute(check *c)
{
    size_t num_silent = 0, num_answered = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        num_silent += c->out->rows[i].is_silent;
        num_answered += was_answered(&c->out->rows[i]);
    }
    if (num_silent == 0 || num_answered > 0)
        return;
    c->is_mute_to_us = num_silent <= SILENT_ENOUGH && is_silent_to_all(c);
    c->is_mute = num_silent > SILENT_ENOUGH || c->is_mute_to_us;
}

/* Where the server is silent to all, that is all there is to know. Else those to whom it is silent are asked about by experiment:
 * alone, since they are about silence, and a few of them, since that takes long. */
bool check_explain_silence(check *c, error *e)
{
    size_t num_explained = 0;
    for (size_t i = 0; i < c->out->num_rows; i++) {
        check_row *row = &c->out->rows[i];
        if (!row->is_silent)
            continue;
        if (c->is_mute)
            tell_silence(c, row);
        else if (num_explained++ < EXPLAINED_MAX && !try_alone(c, i, 0, e))
            return false;
    }
    return true;
}

/* ---- those that cannot be made to connect ---------------------------------------------------------------------------------------
 */

static void read_would_be(check *c, const hello_trial *asked, const job *done, check_row *row)
{
    hello_told told = hello_trial_read(c->arena, done);
    if (!told.is_known || (told.is_silent && told.cause == NULL))
        return;
    row->result = told.is_admitted ? CHECK_WOULD_WORK : CHECK_WOULD_FAIL;
    row->version = told.version;
    row->cipher = told.cipher;
    row->cause = told.cause;
    row->headline = told.headline;
    bool is_near;
    (void)hello_trial_profile(c->arena, profile_folder(c->arena), &row->client->library, &is_near);
    row->reason = arena_printf(c->arena, "by the hello recorded of %s%s, not by the program itself; certificates are not judged",
                               asked->profile, is_near ? ", the nearest release" : "");
}

/* Of each row that was not tried; NULL for the others, and where none was recorded. */
static const char **profiles_of_rows(const check *c)
{
    const char *folder = profile_folder(c->arena), **profiles = ARENA_ARRAY(c->arena, c->out->num_rows + 1, const char *);
    bool is_near;
    for (size_t i = 0; i < c->out->num_rows; i++)
        profiles[i] =
            c->is_listed_only[i] ? hello_trial_profile(c->arena, folder, &c->out->rows[i].client->library, &is_near) : NULL;
    return profiles;
}

/* By the hello of its library, where one of that version was recorded: each once, one after the other. */
bool check_try_hellos(check *c, error *e)
{
    const char **profiles = c->is_mute ? NULL : profiles_of_rows(c);
    for (size_t i = 0; profiles != NULL && i < c->out->num_rows; i++) {
        const char *profile = profiles[i];
        if (profile == NULL || !c->is_listed_only[i])
            continue;
        hello_trial asked = {
            .profile = profile, .to = c->settings->target, .timeout_us = c->settings->timeout_us, .gap_us = check_gap_us(c)};
        job one = hello_trial_job(&asked);
        int64_t more_ms = c->settings->timeout_us / 1000;
        if (!jobs_run(c->arena, &one, 1, &(jobs_settings){.at_once = 1, .soft_ms = more_ms, .hard_ms = more_ms + 1000}, e))
            return false;
        for (size_t k = i; k < c->out->num_rows; k++) {
            if (same_text(profiles[k], profile)) {
                read_would_be(c, &asked, &one, &c->out->rows[k]);
                c->is_listed_only[k] = false;
            }
        }
    }
    return true;
}
