/*
 * The simulated world: draws failing pairs, lets the engine diagnose them, and counts how often it is right.
 *
 *   sim [--hard] [--seed N] [--pairs N] [--pair K] [--only CAUSE] [--until-wrong] [--verbose]
 *
 * A pair's seed follows from the run's seed and its number, so that `--seed S --pair K --verbose` shows one alone. --until-wrong
 * ends with the first steady pair that is told wrongly: whoever asks only whether the engine is good enough knows then that it is
 * not.
 */
#include "causes/facts.h"
#include "demands.h"
#include "diagnose/diagnosis.h"
#include "registry/registry.h"
#include "wire/hello_edit.h"
#include "world.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef HELLOS_FOLDER
#define HELLOS_FOLDER "tests/data/hellos"
#endif
enum { CONNECTIONS_MAX = 40, WAVES_MAX = 12, WRONG_SHOWN_MAX = 20, ROUND_TRIP_US = 20000 };

typedef struct settings {
    uint64_t seed;
    size_t num_pairs;
    bool has_pair;
    size_t pair;
    const char *only; /* a cause of the catalogue; NULL: any */
    bool verbose;
    bool hard;
    bool until_wrong;
} settings;

typedef struct score {
    size_t right, wrong, unknown;
    size_t flawed; /* the cause is right, and something else is not */
    size_t connections, connections_max, waves, waves_max;
} score;

/* ---- the network between them ------------------------------------------------------------------------------------------- */

typedef struct world {
    arena *arena;
    const pair *pair;
    dice chance;
} world;

static const sim_server *server_at(world *w, size_t address_index)
{
    const pair *p = w->pair;
    if (p->steadiness == ONE_ADDRESS && address_index > 0)
        return &p->other;
    if (p->steadiness == ONE_BACKEND && dice_says(&w->chance, p->percent))
        return &p->other;
    return &p->server;
}

static void end_stream(flow *f, enum reaction how, int64_t now_us)
{
    static const enum stream_end ends[] = {STREAM_OPEN, STREAM_FIN, STREAM_RESET, STREAM_TIMEOUT};
    if (ends[how] != STREAM_OPEN)
        flow_end(f, SIDE_SERVER, ends[how], now_us);
}

/* In the pieces that the client itself used, or in one. */
static void send_hello(world *w, flow *f, const client_hello *hello, size_t cut, int64_t now_us)
{
    bytes_view flight;
    if (!client_hello_write(w->arena, hello, &flight, NULL))
        return;
    if (cut != 0)
        flow_bytes(f, SIDE_CLIENT, bytes_slice(flight, 0, cut), now_us);
    flow_bytes(f, SIDE_CLIENT, bytes_slice(flight, cut, flight.len), now_us);
}

static sim_answer first_answer(world *w, const sim_server *s, const client_hello *hello, bool upgraded, size_t cut)
{
    if (w->pair->steadiness == FAILS_BY_CHANCE && dice_says(&w->chance, w->pair->percent))
        return (sim_answer){.ends = REACT_RESET};
    if (s->breaks_on_segments && cut != 0)
        return (sim_answer){.ends = s->breaking == REACT_ALERT ? REACT_CLOSE : s->breaking};
    return sim_server_answer(w->arena, s, hello, upgraded);
}

/* One connection, as a prober would have it: a retry is followed once. */
static const conversation *connect_once(world *w, const sim_server *s, const client_hello *hello, bool upgraded, size_t cut)
{
    flow *f = flow_new(w->arena, 443);
    flow_connected(f, ROUND_TRIP_US);
    bool greets = s->manner == MANNER_SMTP && !upgraded;
    sim_answer given = first_answer(w, s, hello, upgraded, cut);
    if (greets)
        flow_bytes(f, SIDE_SERVER, given.bytes, ROUND_TRIP_US);
    send_hello(w, f, hello, cut, ROUND_TRIP_US);
    if (!greets)
        flow_bytes(f, SIDE_SERVER, given.bytes, 2 * ROUND_TRIP_US);
    if (given.wants_retry && retry_can_be_followed(given.retry_group)) {
        key_share share = {.group = given.retry_group,
                           .key_exchange = bytes_copy(w->arena, bytes_from("0123456789abcdef0123456789abcdef", 32))};
        client_hello again = hello_after_retry(w->arena, hello, &share, bytes_from(NULL, 0));
        send_hello(w, f, &again, 0, 2 * ROUND_TRIP_US);
        given = sim_server_answer(w->arena, s, &again, upgraded);
        flow_bytes(f, SIDE_SERVER, given.bytes, 3 * ROUND_TRIP_US);
    }
    end_stream(f, given.ends, 3 * ROUND_TRIP_US);
    const conversation *c = flow_conversation(f);
    flow_free(f);
    return c;
}

static answer ask_server(world *w, const wanted_probe *asked)
{
    const sim_server *s = server_at(w, asked->address_index);
    bool upgrades = asked->preamble != PROTOCOL_UNKNOWN && asked->preamble != PROTOCOL_TLS;
    answer given = {.kind = ANSWER_PREAMBLE_REFUSED};
    if (!upgrades || (s->manner == MANNER_SMTP && asked->preamble == PROTOCOL_SMTP))
        given = answer_from_conversation(connect_once(w, s, asked->hello, upgrades, asked->keeps_chunks ? w->pair->client_cut : 0));
    given.connect_us = ROUND_TRIP_US;
    return given;
}

/* ---- one pair ------------------------------------------------------------------------------------------------------------- */

static const char *code_text(arena *a, code_list codes)
{
    const char *text = "";
    for (size_t i = 0; i < codes.num_codes; i++)
        text = arena_printf(a, "%s%s%04x", text, i == 0 ? "" : " ", codes.codes[i]);
    return text;
}

/* What a hello offers, on one line, after its size. */
static void show_hello(arena *a, const client_hello *hello)
{
    bytes_view name = client_hello_server_name(hello);
    code_list types = {.codes = ARENA_ARRAY(a, hello->num_extensions, uint16_t)};
    for (size_t i = 0; i < hello->num_extensions; i++)
        types.codes[types.num_codes++] = hello->extensions[i].type;
    printf("%4zu bytes, record %04x, versions %s, name %s, groups %s, shares %s, schemes %s, extensions %s, suites %s\n",
           hello_message_len(a, hello), hello->record_version, code_text(a, client_hello_versions(a, hello)),
           name.len == 0 ? "none" : bytes_to_text(a, name), code_text(a, client_hello_groups(a, hello)),
           code_text(a, client_hello_key_share_groups(a, hello)), code_text(a, client_hello_signature_schemes(a, hello)),
           code_text(a, types), code_text(a, hello->cipher_suites));
}

static void show_wave(arena *a, const wanted_probe *wave, const answer *answers, size_t num)
{
    printf("  wave of %zu\n", num);
    for (size_t i = 0; i < num; i++) {
        printf("    address %zu, preamble %d%s%s -> %s\n      ", wave[i].address_index, wave[i].preamble,
               wave[i].keeps_chunks ? ", in the client's pieces" : "", wave[i].runs_alone ? ", alone" : "",
               answer_text(a, &answers[i]));
        show_hello(a, wave[i].hello);
    }
}

/* A server that takes one connection at a time serves none behind one that it leaves without an answer. */
static void ask_wave(world *w, const wanted_probe *wave, answer *answers, size_t num)
{
    bool blocked = false;
    for (size_t i = 0; i < num; i++) {
        sim_server mute = {.manner = MANNER_DROPS_ALL, .breaking = REACT_SILENCE};
        bool waits = blocked && !wave[i].runs_alone;
        answers[i] = waits ? answer_from_conversation(connect_once(w, &mute, wave[i].hello, false, 0)) : ask_server(w, &wave[i]);
        if (w->pair->server.is_serial && answers[i].kind == ANSWER_SILENCE)
            blocked = true;
    }
}

static const verdict *diagnose(world *w, evidence *given, bool verbose, size_t *num_connections, size_t *num_waves)
{
    const diagnosis_tools tools = {.random_bytes = dice_bytes, .user = &w->chance};
    diagnosis *d = diagnosis_new(w->arena, given, &tools);
    const wanted_probe *wave;
    for (size_t num = diagnosis_next_wave(d, &wave); num > 0; num = diagnosis_next_wave(d, &wave)) {
        answer *answers = ARENA_ARRAY(w->arena, num, answer);
        ask_wave(w, wave, answers, num);
        if (verbose)
            show_wave(w->arena, wave, answers, num);
        *num_connections += num;
        *num_waves += 1;
        diagnosis_feed(d, answers, num);
    }
    return diagnosis_verdict(d);
}

/* The failure that the client saw: with a flaky server, the first that failed. */
static const conversation *first_failure(world *w)
{
    for (int i = 0; i < 200; i++) {
        const conversation *c = connect_once(w, server_at(w, 0), &w->pair->hello, false, w->pair->client_cut);
        answer given = answer_from_conversation(c);
        if (given.kind != ANSWER_ACCEPTED && given.kind != ANSWER_RETRY)
            return c;
    }
    return NULL;
}

/* A failure that lies elsewhere: what the client saw is not what this server says. */
static const conversation *failure_from_elsewhere(world *w)
{
    sim_server dead = {.manner = MANNER_DROPS_ALL, .breaking = REACT_RESET};
    return connect_once(w, &dead, &w->pair->hello, false, 0);
}

/* The server's flight, and then the client's refusal of it: in clear up to TLS 1.2, in TLS 1.3 a protected record of its size. */
static const conversation *failure_by_client(world *w)
{
    static const uint8_t alert_in_clear[] = {21, 3, 3, 0, 2, 2, 48}, protected_alert[] = {20, 3, 3, 0, 1, 1, 23, 3, 3, 0, 19};
    flow *f = flow_new(w->arena, 443);
    sim_answer given = sim_server_answer(w->arena, &w->pair->server, &w->pair->hello, false);
    uint8_t tag[19] = {0};
    flow_connected(f, ROUND_TRIP_US);
    send_hello(w, f, &w->pair->hello, 0, ROUND_TRIP_US);
    flow_bytes(f, SIDE_SERVER, given.bytes, 2 * ROUND_TRIP_US);
    const conversation *c = flow_conversation(f);
    bool tls13 = c->has_server_hello && c->server_hello.version == VERSION_TLS13;
    flow_bytes(f, SIDE_CLIENT,
               tls13 ? bytes_from(protected_alert, sizeof protected_alert) : bytes_from(alert_in_clear, sizeof alert_in_clear),
               3 * ROUND_TRIP_US);
    if (tls13)
        flow_bytes(f, SIDE_CLIENT, bytes_from(tag, sizeof tag), 3 * ROUND_TRIP_US);
    flow_end(f, SIDE_CLIENT, STREAM_FIN, 3 * ROUND_TRIP_US);
    flow_end(f, SIDE_SERVER, STREAM_FIN, 4 * ROUND_TRIP_US);
    flow_free(f);
    return given.wants_retry ? NULL : c;
}

static const conversation *failure_to_diagnose(world *w)
{
    if (w->pair->obstacle == OBSTACLE_CLIENT_ENDS)
        return failure_by_client(w);
    return w->pair->obstacle == OBSTACLE_ELSEWHERE ? failure_from_elsewhere(w) : first_failure(w);
}

static bool is_right(const pair *p, const verdict *v)
{
    if (strcmp(v->cause, obstacle_cause(p->obstacle)) == 0)
        return true;
    if (p->may_also_be != NULL && strcmp(v->cause, p->may_also_be) == 0)
        return true;
    if (p->may_be_unknown && strcmp(v->cause, "unknown") == 0)
        return true;
    /* Every extension of a hello is also a piece of its size, and one whose loss leaves a window is told as that: never here, the
     * windows end where they begin. A server that is silent on what it breaks on, and of which our own hellos all have it, cannot
     * be told from one that never answers. None of the rest is open. */
    return false;
}

/* A cause that is named is proved or seen; several are told in the order of naming; figures are there. */
static const char *flaw_of(const pair *p, const verdict *v)
{
    bool named = strcmp(v->cause, "unknown") != 0, right = strcmp(v->cause, obstacle_cause(p->obstacle)) == 0;
    if (named == (v->proof == PROOF_NONE))
        return "cause and proof do not fit each other";
    if (v->headline == NULL || v->headline[0] == '\0')
        return "no headline";
    if (!right || !named || p->steadiness != STEADY)
        return NULL;
    if (p->also_is_open || p->family == NULL) /* the plain world does not look whether what it put in is all that is missing */
        return NULL;
    if (v->num_also != p->num_also)
        return "also: not as many as there are";
    for (size_t i = 0; i < p->num_also && i < v->num_also; i++)
        if (strcmp(v->also[i], obstacle_cause(p->also[i])) != 0)
            return "also: another";
    bool tried = v->proof == PROOF_EXPERIMENT && v->num_seen > 0;
    return tried && (v->seen[0].control_worked > 0 || v->seen[0].change_failed > 0) ? "figures that a steady server cannot have"
                                                                                    : NULL;
}

static void show_pair(arena *a, const pair *p, const verdict *v)
{
    printf("  truth %s%s%s; client %s, up to %s; server %s to %s, %zu suites, %zu groups, %zu schemes, steadiness %d (%u %%)\n",
           obstacle_cause(p->obstacle), p->has_second ? " and " : "", p->has_second ? obstacle_cause(p->second) : "", p->hello_file,
           version_name(a, client_hello_version_max(&p->hello)), version_name(a, codes_min(p->server.versions)),
           version_name(a, codes_max(p->server.versions)), p->server.suites.num_codes, p->server.groups.num_codes,
           p->server.schemes.num_codes, p->steadiness, p->percent);
    printf("  breaks: above %04x, extension %d, grease %d, sizes %zu to %zu, record %04x; reaction %d refusal %d; name rule %d\n",
           p->server.breaks_above_version, p->server.breaks_on_extension, p->server.breaks_on_grease, p->server.breaks_from_len,
           p->server.breaks_to_len, p->server.breaks_on_record_version, p->server.breaking, p->server.refusing,
           p->server.name_rule);
    printf("  %s, addresses %zu, serial %d, cut %zu, record above %04x, keys%s%s%s%s, curve %04x; also",
           p->family == NULL ? "any server" : p->family, p->num_addresses, p->server.is_serial, p->client_cut,
           p->server.breaks_above_record_version, p->server.has_rsa ? " RSA" : "", p->server.has_ecdsa ? " ECDSA" : "",
           p->server.has_ed25519 ? " Ed25519" : "", p->server.has_rsa_pss ? " RSA-PSS" : "", p->server.ecdsa_curve);
    for (size_t i = 0; i < p->num_also; i++)
        printf(" %s", obstacle_cause(p->also[i]));
    printf("; said also");
    for (size_t i = 0; i < v->num_also; i++)
        printf(" %s", v->also[i]);
    printf("\n  said  %s: %s\n", v->cause, v->headline);
}

static void count(score *s, const pair *p, const verdict *v, size_t num_connections, size_t num_waves)
{
    bool says_unknown = strcmp(v->cause, "unknown") == 0;
    if (is_right(p, v))
        s->right++;
    else if (says_unknown)
        s->unknown++;
    else
        s->wrong++;
    s->flawed += flaw_of(p, v) != NULL;
    s->connections += num_connections;
    s->waves += num_waves;
    s->connections_max = num_connections > s->connections_max ? num_connections : s->connections_max;
    s->waves_max = num_waves > s->waves_max ? num_waves : s->waves_max;
}

typedef struct tally {
    score steady, flaky, by_obstacle[OBSTACLE_COUNT];
    size_t shown, flaws_shown;
} tally;

static void run_pair(arena *a, const settings *set, size_t number, uint64_t seed, const pair *p, tally *t)
{
    static const char *addresses[] = {"192.0.2.1", "192.0.2.2", "192.0.2.3"}, *names[] = {HOST_NAME};
    world w = {.arena = a, .pair = p, .chance = {.state = seed ^ 0x5eed}};
    size_t num_connections = 0, num_waves = 0;
    const conversation *failed = failure_to_diagnose(&w);
    if (failed == NULL)
        return;
    evidence given = {.failed = failed,
                      .host = HOST_NAME,
                      .host_from = HOST_FROM_ARGUMENT,
                      .port = 443,
                      .addresses = addresses,
                      .names = names,
                      .num_names = 1,
                      .num_addresses = p->num_addresses,
                      .command_failed = true};
    const verdict *v = diagnose(&w, &given, set->verbose, &num_connections, &num_waves);
    score *of = p->steadiness == STEADY || p->steadiness == ONE_ADDRESS ? &t->steady : &t->flaky;
    count(of, p, v, num_connections, num_waves);
    count(&t->by_obstacle[p->obstacle], p, v, num_connections, num_waves);
    bool is_wrong = !is_right(p, v) && (of == &t->steady || strcmp(v->cause, "unknown") != 0);
    bool over = of == &t->steady && (num_connections > CONNECTIONS_MAX || num_waves > WAVES_MAX);
    const char *flaw = flaw_of(p, v);
    bool wanted = ((is_wrong || over) && t->shown++ < WRONG_SHOWN_MAX) || (flaw != NULL && t->flaws_shown++ < WRONG_SHOWN_MAX);
    if (set->verbose || wanted) {
        printf("pair %zu (%s--seed %llu%s%s --pair %zu): %zu connections, %zu waves\n", number, set->hard ? "--hard " : "",
               (unsigned long long)set->seed, set->only == NULL ? "" : " --only ", set->only == NULL ? "" : set->only, number,
               num_connections, num_waves);
        show_pair(a, p, v);
        if (set->verbose) {
            printf("  hello ");
            show_hello(a, &p->hello);
            printf("  server suites %s, groups %s, schemes %s, versions %s\n", code_text(a, p->server.suites),
                   code_text(a, p->server.groups), code_text(a, p->server.schemes), code_text(a, p->server.versions));
        }
        if (flaw != NULL)
            printf("  flaw: %s\n", flaw);
    }
}

/* ---- all of them ---------------------------------------------------------------------------------------------------------- */

static uint64_t seed_of(const settings *set, size_t number, size_t attempt)
{
    dice d = {.state = set->seed * 1000003u + number * 1009u + attempt};
    return dice_next(&d);
}

/* Of the obstacles that the wanted cause has, one after the other; OBSTACLE_COUNT: any. */
static enum obstacle obstacle_wanted(const settings *set, size_t number)
{
    enum obstacle fitting[OBSTACLE_COUNT];
    size_t num = 0, end = set->hard ? OBSTACLE_COUNT : OBSTACLES_PLAIN;
    for (size_t o = 0; set->only != NULL && o < end; o++)
        if (strcmp(obstacle_cause((enum obstacle)o), set->only) == 0)
            fitting[num++] = (enum obstacle)o;
    return num == 0 ? OBSTACLE_COUNT : fitting[number % num];
}

static void draw_and_run(const hello_store *store, const settings *set, size_t number, tally *t)
{
    enum { ATTEMPTS_MAX = 400 };
    for (size_t attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
        arena *a = arena_new();
        pair p;
        uint64_t seed = seed_of(set, number, attempt);
        enum obstacle wanted = obstacle_wanted(set, number + attempt);
        bool drawn = set->hard ? hard_pair_draw(a, store, seed, wanted, &p) : pair_draw(a, store, seed, wanted, &p);
        if (drawn)
            run_pair(a, set, number, seed, &p, t);
        arena_free(a);
        if (drawn)
            return;
    }
}

static void print_score(const char *name, const score *s)
{
    size_t num = s->right + s->wrong + s->unknown;
    if (num == 0)
        return;
    printf("%-32s %6zu  right %6zu  wrong %4zu  unknown %4zu (%.2f %%)  flawed %3zu  connections %5.1f mean %3zu max  waves %4.1f "
           "mean %2zu max\n",
           name, num, s->right, s->wrong, s->unknown, 100.0 * (double)s->unknown / (double)num, s->flawed,
           (double)s->connections / (double)num, s->connections_max, (double)s->waves / (double)num, s->waves_max);
}

static int judge(const tally *t)
{
    const score *s = &t->steady, *f = &t->flaky;
    size_t steady = s->right + s->wrong + s->unknown, flaky = f->right + f->wrong + f->unknown;
    bool good = s->wrong == 0 && s->unknown * 100 <= steady && s->connections_max <= CONNECTIONS_MAX && s->waves_max <= WAVES_MAX;
    good = good && f->wrong * 100 <= flaky;
    if (steady + flaky > 0)
        printf("unknown, of all pairs: %.2f %%\n", 100.0 * (double)(s->unknown + f->unknown) / (double)(steady + flaky));
    printf("%s\n", good ? "the engine is as good as it has to be" : "the engine is NOT as good as it has to be");
    return good ? 0 : 1;
}

static bool read_settings(int argc, char **argv, settings *out)
{
    *out = (settings){.seed = 1, .num_pairs = 10000};
    for (int i = 1; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--verbose") == 0) {
            out->verbose = true;
        } else if (strcmp(argv[i], "--hard") == 0) {
            out->hard = true;
        } else if (strcmp(argv[i], "--until-wrong") == 0) {
            out->until_wrong = true;
        } else if (strcmp(argv[i], "--seed") == 0 && has_value) {
            out->seed = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--pairs") == 0 && has_value) {
            out->num_pairs = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--pair") == 0 && has_value) {
            out->has_pair = true;
            out->pair = strtoull(argv[++i], NULL, 10);
        } else if (strcmp(argv[i], "--only") == 0 && has_value) {
            out->only = argv[++i];
        } else {
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    settings set;
    static hello_store store;
    static tally t;
    if (!read_settings(argc, argv, &set)) {
        fprintf(stderr, "usage: sim [--hard] [--seed N] [--pairs N] [--pair K] [--only CAUSE] [--until-wrong] [--verbose]\n");
        return 2;
    }
    arena *a = arena_new();
    if (!hello_store_read(a, HELLOS_FOLDER, &store)) {
        fprintf(stderr, "sim: no hellos in %s\n", HELLOS_FOLDER);
        return 2;
    }
    if (set.only != NULL && obstacle_wanted(&set, 0) == OBSTACLE_COUNT) {
        fprintf(stderr, "sim: this world has no obstacle of the cause %s\n", set.only);
        return 2;
    }
    size_t end = set.has_pair ? set.pair + 1 : set.num_pairs;
    for (size_t i = set.has_pair ? set.pair : 0; i < end && !(set.until_wrong && t.steady.wrong > 0); i++)
        draw_and_run(&store, &set, i, &t);
    for (size_t o = 0; o < OBSTACLE_COUNT; o++)
        print_score(obstacle_cause((enum obstacle)o), &t.by_obstacle[o]);
    print_score("steady pairs", &t.steady);
    print_score("flaky pairs", &t.flaky);
    arena_free(a);
    return judge(&t);
}
