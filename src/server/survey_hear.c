/* What an answer tells: of the hunt or the question that asked, and of what every answer may show besides. */
#include "crypto/timestamps.h"
#include "registry/registry.h"
#include "server/facts.h"
#include "wire/hello_edit.h"

/* The beginning of an answer, which is more than an alert. */
static bool has_begun(const conversation *c)
{
    const record_note *last = &c->last_records[SIDE_SERVER];
    return c->was_cut[SIDE_SERVER] || c->has_server_hello || c->has_retry_request ||
           (c->num_records[SIDE_SERVER] > 0 && last->content_type != CONTENT_ALERT);
}

/* After a ServerHello of TLS 1.3 the end may stand for an alert under protection; but none was seen. */
static bool ends_in_clear(const answer *given)
{
    const conversation *c = given->conversation;
    return given->kind == ANSWER_ENCRYPTED_ALERT && c != NULL && !c->has_encrypted_alert[SIDE_SERVER];
}

refusal refusal_of(const answer *given)
{
    const conversation *c = given->conversation;
    bool answered = given->kind == ANSWER_ACCEPTED && c != NULL && c->has_server_hello;
    enum answer_kind kind = ends_in_clear(given) ? ANSWER_CLOSED : given->kind;
    const preamble *said = given->kind == ANSWER_PREAMBLE_REFUSED && c != NULL ? &c->preamble : NULL;
    return (refusal){.kind = kind,
                     .alert = given->alert.description,
                     .version = answered ? c->server_hello.version : 0,
                     .connect_errno = given->connect_errno,
                     .before_hello = given->ended_before_hello,
                     .has_begun = c != NULL && (given->kind == ANSWER_SILENCE ? c->server_first_bytes.len > 0 : has_begun(c)),
                     .by_proxy = said != NULL && (preamble_proxy_refused(said) || preamble_proxy_words(said) != NULL),
                     .proxy_words = said == NULL ? NULL : preamble_proxy_words(said),
                     .lacks_upgrade = said != NULL && preamble_lacks_upgrade(said, c->server_first_bytes),
                     .preamble_status = said == NULL ? 0 : said->status,
                     .preamble_line = said == NULL ? bytes_from(NULL, 0) : preamble_refusing_line(said, c->server_first_bytes),
                     .problem = given->problem};
}

/* ---- besides ----------------------------------------------------------------------------------------------------------- */

static bool same_leaf(const server_chain *chain, bytes_view leaf)
{
    return bytes_equal(chain->certificates[0], leaf);
}

/* Each once, by number: what comes first depends on which answer comes first. */
static void add_scheme(arena *a, code_list *schemes, uint16_t scheme)
{
    if (codes_contain(*schemes, scheme))
        return;
    *schemes = codes_joined(a, *schemes, codes_one(a, scheme));
    for (size_t i = schemes->num_codes - 1; i > 0 && schemes->codes[i - 1] > scheme; i--) {
        schemes->codes[i] = schemes->codes[i - 1];
        schemes->codes[i - 1] = scheme;
    }
}

/* Keeps a chain, each leaf once; and the scheme that its key signed with. */
static void keep_chain(survey *s, const certificate_list *sent, uint16_t scheme)
{
    server *v = &s->server;
    if (sent->num_certificates == 0 || s->settings.suites_only) /* it would be there or not by chance: TLS 1.3 hides it */
        return;
    size_t i = 0;
    while (i < v->num_chains && !same_leaf(&v->chains[i], sent->certificates[0]))
        i++;
    if (i == SERVER_CERTIFICATES_MAX)
        return;
    if (i == v->num_chains)
        v->chains[v->num_chains++] = (server_chain){.certificates = sent->certificates,
                                                    .num_certificates = sent->num_certificates,
                                                    .num_timestamps = certificate_num_timestamps(sent->certificates[0])};
    if (scheme != 0)
        add_scheme(s->arena, &v->chains[i].schemes, scheme);
}

/* By size, as the schemes. */
static void keep_prime(survey *s, size_t bits)
{
    server *v = &s->server;
    for (size_t i = 0; i < v->num_group_sizes; i++)
        if (v->group_sizes[i] == bits)
            return;
    if (bits == 0 || v->num_group_sizes == SERVER_GROUP_SIZES_MAX)
        return;
    size_t at = v->num_group_sizes++;
    for (; at > 0 && v->group_sizes[at - 1] > bits; at--)
        v->group_sizes[at] = v->group_sizes[at - 1];
    v->group_sizes[at] = bits;
}

/* What every answer may show besides what it was asked for. */
static void keep_besides(survey *s, const answer *given)
{
    const conversation *c = given->conversation;
    if (given->kind == ANSWER_PLAIN && c != NULL && !s->server.answered_in_clear) {
        s->server.answered_in_clear = true;
        s->server.plain_protocol = protocol_of_greeting(c->server_first_bytes, c->port);
    }
    if (c == NULL || !c->has_server_hello)
        return;
    const server_key_exchange *exchange = c->has_server_key_exchange ? &c->server_key_exchange : NULL;
    if (c->server_hello.version == VERSION_TLS12 || given->flight == NULL)
        keep_chain(s, &c->certificates, exchange == NULL ? 0 : exchange->signature_scheme);
    if (given->flight != NULL && given->flight->has_certificate)
        keep_chain(s, &given->flight->certificates, given->flight->signature_scheme);
    if (exchange != NULL && exchange->kind == KEY_EXCHANGE_DHE)
        keep_prime(s, exchange->prime_bits);
}

/* ---- of a hunt ---------------------------------------------------------------------------------------------------------- */

static uint16_t chosen_group(const conversation *c, uint16_t version)
{
    if (version < VERSION_TLS13)
        return c->has_server_key_exchange ? c->server_key_exchange.group : 0;
    return c->has_retry_request ? c->retry_request.group : c->has_server_hello ? c->server_hello.group : 0;
}

/* Servers older than RFC 7919, and many after it, have a prime of their own whatever groups are offered: then none of them is. */
static uint16_t chosen_finite_field(const survey_probe *asked, const conversation *c)
{
    uint16_t group = c->has_server_key_exchange ? c->server_key_exchange.finite_field_group : 0;
    return codes_contain(asked->offer, group) ? group : 0;
}

/* What was chosen of what the hunt is about; 0 where it was refused. */
static uint16_t chosen_of(const survey *s, const survey_probe *asked, const answer *given)
{
    const conversation *c = given->conversation;
    uint16_t version = topic_version(s, asked->topic);
    bool hello_came = c != NULL && (given->kind == ANSWER_ACCEPTED || given->kind == ANSWER_RETRY ||
                                    (c->has_server_hello && given->kind == ANSWER_ENCRYPTED_ALERT));
    if (costly_is_chosen(s, asked, given))
        return asked->offer.codes[0];
    if (c == NULL || (c->has_retry_request && asked->topic == TOPIC_GROUPS13))
        return c == NULL ? 0 : chosen_group(c, version);
    if (!hello_came || (c->has_server_hello && c->server_hello.version != version))
        return 0;
    switch (asked->topic) {
    case TOPIC_GROUPS12:
        return chosen_group(c, version);
    case TOPIC_FINITE_FIELD:
        return chosen_finite_field(asked, c);
    case TOPIC_SCHEMES12:
        return c->has_server_key_exchange ? c->server_key_exchange.signature_scheme : 0;
    case TOPIC_SCHEMES13:
        return given->flight == NULL ? 0 : given->flight->signature_scheme;
    case TOPIC_ALPN:
        return application_protocol_number(given->flight == NULL ? bytes_from(NULL, 0) : given->flight->alpn);
    default:
        return given->kind == ANSWER_ENCRYPTED_ALERT ? 0
               : c->has_server_hello                 ? c->server_hello.cipher_suite
                                                     : c->retry_request.cipher_suite;
    }
}

enum { ALERT_INTERNAL_ERROR = 80 }; /* RFC 8446, 6.2: a failure unrelated to the correctness of what was sent */

bool survey_says_nothing(const answer *given)
{
    if (given->ended_before_hello)
        return true;
    switch (given->kind) {
    case ANSWER_NOT_CONNECTED:
    case ANSWER_FAILED:
    case ANSWER_PREAMBLE_REFUSED:
    case ANSWER_MALFORMED:
        return true;
    case ANSWER_SILENCE:
    case ANSWER_CLOSED:
    case ANSWER_RESET:
        return refusal_of(given).has_begun;
    case ANSWER_ENCRYPTED_ALERT:
        return ends_in_clear(given);
    default:
        return false;
    }
}

/* A hello that is answered without any of the protocols is what refuses them; or with a group that was not offered. */
static refusal refusal_of_offer(const survey_probe *asked, const answer *given)
{
    refusal r = refusal_of(given);
    if (given->kind == ANSWER_ACCEPTED && asked->topic == TOPIC_ALPN)
        r.problem = "it goes on without one";
    if (given->kind == ANSWER_ACCEPTED && asked->topic == TOPIC_FINITE_FIELD)
        r.problem = "it takes a group of its own";
    return r;
}

/* A choice of what was not offered says nothing of what was; but of schemes it says that none of those offered is signed with. Nor
 * does it say anything that the name is refused. */
static bool tells_nothing_of_offer(const survey *s, const survey_probe *asked, const answer *given, const refusal *how,
                                   bool is_foreign)
{
    bool is_scheme = asked->topic == TOPIC_SCHEMES12 || asked->topic == TOPIC_SCHEMES13;
    return survey_says_nothing(given) || silence_tells_nothing(s, given) || refusal_is_of_name(how) || (is_foreign && !is_scheme);
}

static void hear_hunt(survey *s, const survey_probe *asked, const answer *given)
{
    hunt *h = &s->hunts[asked->topic];
    uint16_t chosen = chosen_of(s, asked, given);
    bool is_foreign = chosen != 0 && !codes_contain(asked->offer, chosen);
    h->num_foreign += is_foreign && asked->topic <= TOPIC_TLS13;
    if (is_foreign) /* that old servers sign by SHA-1 whatever is offered is no exception */
        lies_name_choice(s, asked->topic, chosen);
    if (chosen != 0 && !is_foreign) {
        hunt_hear(h, asked->offer, chosen);
        return;
    }
    if (asked->stops_at_choice && !costly_tells(s, asked))
        return;
    refusal how = refusal_of_offer(asked, given);
    h->saw_internal_error =
        h->saw_internal_error || (given->kind == ANSWER_ALERT && given->alert.description == ALERT_INTERNAL_ERROR);
    if (tells_nothing_of_offer(s, asked, given, &how, is_foreign)) {
        how.problem = is_foreign ? "it chose what was not offered" : how.problem;
        s->unknowns[asked->topic] = how;
        hunt_hear_nothing(h);
        return;
    }
    s->refusals[asked->topic] = how;
    contradictions_keep(s, asked, given);
    hunt_hear(h, asked->offer, 0);
}

static void hear_fact(survey *s, const survey_probe *asked, const answer *given)
{
    size_t num_before = s->server.num_facts;
    contradictions_keep(s, asked, given);
    facts_hear(s, asked->index, given);
    for (size_t i = num_before; i < s->server.num_facts; i++)
        s->server.facts[i].hello_len = hello_message_len(s->arena, asked->hello);
}

static void keep_largest_taken(survey *s, const survey_probe *asked, const answer *given)
{
    size_t len = fact_was_taken(given) ? hello_message_len(s->arena, asked->hello) : 0;
    s->largest_taken = len > s->largest_taken ? len : s->largest_taken;
}

void survey_hear(survey *s, const survey_probe *asked, const answer *given)
{
    keep_largest_taken(s, asked, given);
    if (asked->topic != TOPIC_SSL2) {
        lies_hear(s, asked, given);
        keep_besides(s, given);
    }
    if (asked->topic < TOPIC_HUNTS)
        hear_hunt(s, asked, given);
    else if (asked->topic == TOPIC_SSL2)
        survey_hear_ssl2(s, given);
    else if (asked->topic == TOPIC_CONTROLS)
        costly_hear(s, asked->index, given);
    else
        hear_fact(s, asked, given);
}

void survey_hear_believed(survey *s, const survey_probe *asked, const answer *given)
{
    if (!refusal_is_doubted(s, asked, given))
        survey_hear(s, asked, given);
}
