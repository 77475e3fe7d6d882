#include "diagnose/diagnosis.h"

#include "diagnose/engine.h"

enum { EXTENSION_PRE_SHARED_KEY = 41, EXTENSION_EARLY_DATA = 42, EXTENSION_COOKIE = 44 };

/* A resumed session's secrets are the client's own: what needs them is left out, and said to be. */
static client_hello without_resumption(diagnosis *d, const client_hello *hello)
{
    static const uint16_t types[] = {EXTENSION_PRE_SHARED_KEY, EXTENSION_EARLY_DATA, EXTENSION_COOKIE};
    client_hello out = *hello;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (client_hello_extension(&out, types[i]) == NULL)
            continue;
        out = hello_without_extension(d->arena, &out, types[i]);
        d->left_out_resumption = true;
    }
    out.trailing = bytes_from(NULL, 0);
    return out;
}

/* What the server's end alone says: it ends the connection, and nothing more. */
static bool is_by_its_end(const conversation *c, enum answer_kind kind)
{
    bool is_hidden = kind == ANSWER_ENCRYPTED_ALERT && !c->has_encrypted_alert[SIDE_SERVER];
    return kind == ANSWER_CLOSED || kind == ANSWER_RESET || is_hidden;
}

/* Silence, where the client gave up waiting: neither its own end nor the server's that follows it is an answer of the server. */
static answer failure_of(const conversation *c)
{
    answer failure = answer_from_conversation(c);
    bool server_silent = c->server_len == c->preamble.server_bytes.len;
    bool client_left = c->has_first_end && c->first_end == SIDE_CLIENT;
    if (client_left && (server_silent || is_by_its_end(c, failure.kind)))
        failure.kind = ANSWER_SILENCE;
    return failure;
}

static void take_hello(diagnosis *d, const conversation *c)
{
    facts *f = &d->facts;
    d->original = c->hello;
    d->replayed = without_resumption(d, &c->hello);
    f->hello = &d->replayed;
    f->hello_len = hello_message_len(d->arena, &d->replayed);
    f->client_versions = client_hello_versions(d->arena, &d->replayed);
    f->client_states_versions = client_hello_version_min_stated(&d->replayed) != 0;
}

static bytes_view name_to_send(const diagnosis *d)
{
    bytes_view own = d->facts.hello == NULL ? bytes_from(NULL, 0) : client_hello_server_name(&d->replayed);
    const evidence *e = d->facts.evidence;
    if (own.len > 0)
        return own;
    return e->host != NULL && !e->host_is_address ? bytes_from_text(e->host) : bytes_from(NULL, 0);
}

static void begin(diagnosis *d, arena *a, const evidence *given, const diagnosis_tools *tools)
{
    *d = (diagnosis){.arena = a, .tools = tools, .stage = STAGE_OBSERVE, .repeats = 1};
    d->base.extended_master_secret = true; /* some insist on it, hardly one breaks on it */
    d->facts.arena = a;
    d->facts.broken_extension = -1;
    d->facts.evidence = given;
    const conversation *c = given->failed;
    if (c != NULL)
        d->facts.failure = failure_of(c);
    d->facts.control = d->facts.failure;
    if (c != NULL && c->has_hello)
        take_hello(d, c);
    d->base.server_name = name_to_send(d);
}

diagnosis *diagnosis_new(arena *a, const evidence *given, const diagnosis_tools *tools)
{
    diagnosis *d = ARENA_NEW(a, diagnosis);
    begin(d, a, given, tools);
    return d;
}

bool search_again(diagnosis *d)
{
    enum { REPEATS = 5 };
    size_t num_connections = d->num_connections, num_waves = d->num_waves;
    /* Where the failure is silence each wave takes a second and more: five times of that is too long to wait for. */
    if (d->repeats > 1 || d->facts.control.kind == ANSWER_SILENCE)
        return false;
    begin(d, d->arena, d->facts.evidence, d->tools);
    d->repeats = REPEATS;
    d->is_fickle = true; /* or the first search would have come to something: five and five are not enough */
    d->stage = STAGE_FIRST;
    d->num_connections = num_connections;
    d->num_waves = num_waves;
    return true;
}

size_t diagnosis_next_wave(diagnosis *d, const wanted_probe **probes)
{
    if (d->asking_alone)
        return wave_hand_out(d, probes);
    d->num_askings = 0;
    enum { WAVES_MAX = 40, STAGES_WITHOUT_QUESTION_MAX = 100 };
    if (d->num_waves >= WAVES_MAX && d->stage != STAGE_DECIDED)
        decide_unknown(d, "The search did not come to an end.");
    /* A stage that has nothing to ask names another. The bound is there for a fault of ours: a search must end. */
    for (int i = 0; d->stage != STAGE_DECIDED; i++) {
        if (i == STAGES_WITHOUT_QUESTION_MAX) {
            decide_unknown(d, "The search did not come to an end.");
            break;
        }
        stages[d->stage].plan(d);
        if (d->num_askings > 0)
            return wave_hand_out(d, probes);
        if (d->wanted_file != NULL)
            return 0;
    }
    return 0;
}

const char *diagnosis_wanted_file(const diagnosis *d)
{
    return d->wanted_file;
}

void diagnosis_feed(diagnosis *d, const answer *answers, size_t num_answers)
{
    if (wave_take(d, answers, num_answers))
        stages[d->stage].read(d);
}

const verdict *diagnosis_verdict(const diagnosis *d)
{
    return &d->verdict;
}
