#include "causes/certificate.h"

#include "causes/after_hello.h"
#include "client/trust_program.h"
#include "crypto/keystore.h"
#include "registry/registry.h"

#include <string.h>

/* RFC 8446, 6. */
enum {
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_UNEXPECTED_MESSAGE = 10,
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_CERTIFICATE_REVOKED = 44,
    ALERT_CERTIFICATE_EXPIRED = 45,
    ALERT_ILLEGAL_PARAMETER = 47,
    ALERT_UNKNOWN_CA = 48,
    ALERT_DECODE_ERROR = 50,
    ALERT_INTERNAL_ERROR = 80,
    ALERT_USER_CANCELED = 90,
};

/* ---- which finding it was --------------------------------------------------------------------------------------------- */

static bool is_on_trust(enum trust_kind kind)
{
    return kind == TRUST_SELF_SIGNED || kind == TRUST_INCOMPLETE || kind == TRUST_UNKNOWN_ISSUER;
}

/* Whether a client sends that alert for it. Those that mean one thing count for that alone; the others leave it open. */
static bool alert_fits(int said, enum trust_kind kind)
{
    switch (said) {
    case ALERT_UNKNOWN_CA:
        return is_on_trust(kind) || kind == TRUST_WRONG_PURPOSE || kind == TRUST_MISORDERED;
    case ALERT_CERTIFICATE_EXPIRED:
        return kind == TRUST_EXPIRED || kind == TRUST_NOT_YET_VALID;
    case ALERT_CERTIFICATE_REVOKED:
        return kind == TRUST_REVOKED;
    case ALERT_UNEXPECTED_MESSAGE: /* Java, for a message above its limit */
    case ALERT_ILLEGAL_PARAMETER:
    case ALERT_DECODE_ERROR:
        return kind == TRUST_TOO_LARGE || kind == TRUST_MALFORMED;
    case ALERT_NOT_READ:
    case ALERT_CLOSE_NOTIFY:
    case ALERT_USER_CANCELED:
    case ALERT_HANDSHAKE_FAILURE:
    case ALERT_INTERNAL_ERROR: /* Java, where its key store is empty */
        return true;
    default:
        return alert_is_on_certificate(said);
    }
}

/* Also where it had asked for something already, and did not wait for the answer, or did not read it, as those do that look at the
 * certificates only then; or says so. */
static bool client_left(const facts *f)
{
    const evidence *e = f->evidence;
    bool looks_late = e->failed != NULL && e->command_failed && f->judgement->store->asks_first;
    return client_gave_up(f) || e->refusal != NULL ||
           (looks_late && (conversation_was_left_unanswered(e->failed) || conversation_was_left_unheard(e->failed)));
}

/* One that reads in the message's header that it is too long does not wait for the rest, of which nothing else can be known. */
static bool left_amid_the_flight(const facts *f)
{
    const conversation *c = f->evidence->failed;
    return c != NULL && c->phase == PHASE_SERVER_HELLO && c->has_first_end && c->first_end == SIDE_CLIENT &&
           c->certificates.num_certificates == 0 && !c->has_alert[SIDE_SERVER] && f->evidence->command_failed;
}

const trust_finding *certificate_refusal(const facts *f)
{
    const client_judgement *j = f->judgement;
    bool left = j != NULL && client_left(f);
    if (!f->is_after_hello || j == NULL || j->store->unverified != NULL || (!left && !left_amid_the_flight(f)) ||
        (j->without_hint && !f->takes_guesses))
        return NULL;
    int said = alert_read_from(f, SIDE_CLIENT);
    bool is_silent = said == ALERT_NOT_READ || said == ALERT_CLOSE_NOTIFY;
    if (j->without_hint && !is_silent && !alert_is_on_certificate(said)) /* what it says is about something else */
        return NULL;
    /* It was handed that file in so many words, and nothing is wrong with what it trusts then: it left for a reason of its own. */
    if (j->without_hint && is_silent && j->store->hint_replaces && j->store->hint_is_given)
        return NULL;
    for (size_t i = 0; i < j->trust->num_findings; i++)
        if (alert_fits(said, j->trust->findings[i].kind) && (left || j->trust->findings[i].kind == TRUST_TOO_LARGE))
            return &j->trust->findings[i];
    return NULL;
}

/* ---- causes that say more -------------------------------------------------------------------------------------------------- */

bool is_store_missing(const facts *f, const trust_finding *found)
{
    const trust_store *store = f->judgement->store;
    if (!is_on_trust(found->kind))
        return false;
    for (size_t i = 0; i < store->num_sources; i++)
        if (trust_source_was_named(&store->sources[i]) && store->sources[i].num_certificates == 0)
            return true;
    return store->num_anchors == 0;
}

bool is_store_different(const facts *f, const trust_finding *found)
{
    /* With the intermediate that another store has, it trusts the server by what it has itself. */
    bool is_complete_with_known = found->kind == TRUST_INCOMPLETE && found->missing_known >= 0;
    return is_on_trust(found->kind) && !is_complete_with_known && !is_store_missing(f, found) && f->judgement->num_trusted_by > 0;
}

bool is_clock_wrong(const facts *f, const trust_finding *found)
{
    const client_judgement *j = f->judgement;
    if (found->kind != TRUST_EXPIRED && found->kind != TRUST_NOT_YET_VALID)
        return false;
    return j->would_be_valid_now || (j->is_all_out_of_time && j->store->is_clock_unsynchronised);
}

const trust_finding *refused_for(const facts *f, enum trust_kind kind)
{
    const trust_finding *found = certificate_refusal(f);
    if (found == NULL || found->kind != kind || is_store_missing(f, found) || is_store_different(f, found) ||
        is_clock_wrong(f, found))
        return NULL;
    return found;
}

/* ---- words ---------------------------------------------------------------------------------------------------------------------
 */

const char *refused_certificate(const facts *f, const trust_finding *found)
{
    return trust_place_text(f->arena, f->judgement->trust, found);
}

/* Whether what the client trusts has a part in it; where not, its store need not be known. */
static bool store_matters(enum trust_kind kind)
{
    return kind == TRUST_INCOMPLETE || kind == TRUST_UNKNOWN_ISSUER;
}

static bool is_observed(const facts *f, const trust_finding *found)
{
    int said = alert_read_from(f, SIDE_CLIENT);
    const client_judgement *j = f->judgement;
    bool was_read = alert_is_on_certificate(said) || (found->kind == TRUST_TOO_LARGE && said != ALERT_NOT_READ);
    if (!was_read || j->without_hint)
        return false;
    return found->is_certain && (!store_matters(found->kind) || j->store->is_certain || said == ALERT_UNKNOWN_CA);
}

static void tell_path(const facts *f, verdict *v)
{
    enum { STEPS_SHOWN_MAX = 5 };
    const trust_judgement *t = f->judgement->trust;
    const char *list = NULL;
    for (size_t i = 0; i < t->path_len && i < STEPS_SHOWN_MAX; i++) {
        const trust_step *step = &t->path[i];
        const char *next =
            arena_printf(f->arena, "%s%s", step->certificate.subject, step->position == TRUST_NOT_SENT ? " (not sent)" : "");
        list = list == NULL ? next : arena_printf(f->arena, "%s <- %s", list, next);
    }
    if (list != NULL)
        verdict_add_detail(
            f->arena, v,
            arena_printf(f->arena, "The path, of %zu certificate%s sent: %s.", t->num_sent, t->num_sent == 1 ? "" : "s", list));
}

static void tell_others(const facts *f, const trust_finding *found, verdict *v)
{
    const trust_judgement *t = f->judgement->trust;
    v->also = ARENA_ARRAY(f->arena, TRUST_FINDINGS_MAX, const char *);
    for (size_t i = 0; i < t->num_findings; i++) {
        const char *id = trust_kind_cause(t->findings[i].kind);
        bool is_there = t->findings[i].kind == found->kind;
        for (size_t k = 0; k < v->num_also; k++)
            is_there = is_there || strcmp(v->also[k], id) == 0;
        if (!is_there && is_on_trust(t->findings[i].kind) && !is_on_trust(found->kind) && f->judgement->store->uncertain != NULL)
            verdict_add_detail(
                f->arena, v,
                arena_printf(f->arena, "That %s stands in the way too is not certain: %s.", id, f->judgement->store->uncertain));
        if (!is_there)
            v->also[v->num_also++] = id;
    }
}

static void tell_what_would_prove_it(const facts *f, verdict *v)
{
    int said = alert_read_from(f, SIDE_CLIENT);
    const client_judgement *j = f->judgement;
    if (said == ALERT_NOT_READ && agreed_version(f) >= VERSION_TLS13)
        verdict_add_detail(
            f->arena, v,
            "Inferred: in TLS 1.3 the client's reason is encrypted. With TLS 1.2 at most, its alert could be read, which "
            "would prove it; so would a run that works after the first remedy.");
    else if (said == ALERT_NOT_READ || !alert_is_on_certificate(said))
        verdict_add_detail(
            f->arena, v,
            "Inferred: the client gave no reason on the wire. A run that works after the first remedy would prove it.");
    else if (j->store->uncertain != NULL)
        verdict_add_detail(f->arena, v,
                           arena_printf(f->arena, "Inferred: what the client trusts is not certain: %s.", j->store->uncertain));
    else
        verdict_add_detail(
            f->arena, v,
            "Inferred: it could be another cause of the same look; a run that works after the first remedy would prove it.");
}

void tell_refusal(const facts *f, const trust_finding *found, verdict *v)
{
    int said = alert_read_from(f, SIDE_CLIENT);
    v->proof = is_observed(f, found) ? PROOF_OBSERVED : PROOF_INFERRED;
    if (said != ALERT_NOT_READ && said != ALERT_CLOSE_NOTIFY)
        verdict_add_detail(
            f->arena, v,
            arena_printf(f->arena, "The client ended the handshake with alert %s.", alert_name(f->arena, (uint8_t)said)));
    tell_path(f, v);
    if (is_on_trust(found->kind))
        verdict_add_detail(f->arena, v,
                           arena_printf(f->arena, "The client looks in: %s.", trust_judged_store_text(f->arena, f->judgement)));
    tell_others(f, found, v);
    if (v->proof == PROOF_INFERRED)
        tell_what_would_prove_it(f, v);
}

/* ---- what could be trusted ------------------------------------------------------------------------------------------------------
 */

void tell_trust_in(const facts *f, const trust_other *other, verdict *v)
{
    trust_remedy *t = ARENA_NEW(f->arena, trust_remedy);
    *t = (trust_remedy){.name = other->name,
                        .file = other->form == TRUST_FILE ? other->path : NULL,
                        .certificates = other->certificates,
                        .num_certificates = other->num_certificates};
    v->trust = t;
}

void tell_trust_of_other(const facts *f, verdict *v)
{
    if (f->judgement->num_trusted_by > 0)
        tell_trust_in(f, f->judgement->trusted_by[0], v);
}

/* The client's own anchors stay what they are; the intermediate leads to one of them. */
void tell_trust_with_missing(const facts *f, verdict *v)
{
    const client_judgement *j = f->judgement;
    const trust_store *store = j->store;
    if (j->missing == NULL || store->num_anchors == 0)
        return;
    bytes_view *came, *all;
    size_t num_came = fetched_certificates(f, &came), num = store->num_anchors;
    all = ARENA_ARRAY(f->arena, num + 1 + num_came, bytes_view);
    for (size_t i = 0; i < num; i++)
        all[i] = store->anchors[i];
    if (j->missing_in != NULL) /* else it is among what came */
        all[num++] = *j->missing;
    for (size_t i = 0; i < num_came; i++) /* a root that comes along is no reason to trust it */
        if (!certificate_is_root(came[i]))
            all[num++] = came[i];
    trust_remedy *t = ARENA_NEW(f->arena, trust_remedy);
    *t = (trust_remedy){.name = j->missing_in == NULL ? "what it trusts already, and the intermediate that was fetched"
                                                      : arena_printf(f->arena, "what it trusts already, and the intermediate of %s",
                                                                     j->missing_in->name),
                        .certificates = all,
                        .num_certificates = num};
    v->trust = t;
}

void tell_floor(const facts *f, const trust_floor *floor, verdict *v)
{
    static const enum why_kind kinds[] = {[FLOOR_UNKNOWN] = WHY_UNKNOWN,
                                          [FLOOR_BY_PROGRAM] = WHY_CODE,
                                          [FLOOR_BY_FILE] = WHY_POLICY,
                                          [FLOOR_BY_BUILD] = WHY_DEFAULT,
                                          [FLOOR_BY_DEFAULT] = WHY_DEFAULT};
    if (floor->origin == FLOOR_UNKNOWN)
        return;
    v->why = (why){.kind = kinds[floor->origin],
                   .detail = arena_printf(f->arena, "What the client takes at least is set by: %s.", floor->text),
                   .file = floor->file,
                   .line = floor->line};
}

/* ---- how a client is given a CA -------------------------------------------------------------------------------------------------
 */

/* From each program's manual. */
static const remedy_row trust_rows[] = {
    {REMEDY_CLIENT, "curl", NULL, "$ curl --cacert {file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget", NULL, "$ wget --ca-certificate={file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "python, runs pip", NULL, "$ pip --cert {file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses requests, uses verify=, not runs pip", NULL, "requests.get(url, verify='{file}')", LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses httpx, uses verify=", NULL, "httpx.get(url, verify='{file}')", LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses requests, not uses verify=, not runs pip", NULL, "$ REQUESTS_CA_BUNDLE={file} python3 ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "else, python, not uses requests, not runs pip", NULL, "ctx.load_verify_locations('{file}')", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL >= 1.0.2", NULL, "$ NODE_EXTRA_CA_CERTS={file} node ...", LOWERS_NONE},
    {REMEDY_CLIENT, "node, OpenSSL < 1.0.2", NULL, "https.request({ ca: fs.readFileSync('{file}'), ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "java", NULL,
     "$ keytool -importcert -noprompt -alias private -file {file} -keystore trust.p12 -storepass changeit && java "
     "-Djavax.net.ssl.trustStore=trust.p12 -Djavax.net.ssl.trustStorePassword=changeit ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "git", NULL, "$ git -c http.sslCAInfo={file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", NULL, "$ openssl s_client -CAfile {file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", NULL, "$ gnutls-cli --x509cafile {file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "perl", NULL, "IO::Socket::SSL->new(SSL_ca_file => '{file}', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, "ruby", NULL, "$ SSL_CERT_FILE={file} ruby ...", LOWERS_NONE},
    {REMEDY_CLIENT, "php", NULL, "$ php -d openssl.cafile={file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls", NULL, "$ SSL_CERT_FILE={file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "socat", NULL, "$ socat - OPENSSL:{host}:{port},cafile={file}", LOWERS_NONE},
    {REMEDY_CLIENT, "lftp", NULL, "$ lftp -e 'set ssl:ca-file {file}' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else, OpenSSL", NULL, "$ SSL_CERT_FILE={file} ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else", NULL, NULL, LOWERS_NONE},
};

/* How the program's name is written in the command: "mysql", whatever that is a link to. */
static const char *program_written(const facts *f)
{
    static const char of_names[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+.";
    const struct process_snapshot *p = f->evidence->process;
    const char *name = base_name(p == NULL || p->argv == NULL || p->argv[0] == NULL ? "" : p->argv[0]);
    return name[0] != '\0' && strspn(name, of_names) == strlen(name) ? name : f->evidence->trust->program;
}

/* What names its store now, and of these an argument before all: it counts more. NULL: nothing. */
static const trust_source *naming_source(const trust_store *store)
{
    const trust_source *best = NULL;
    for (size_t i = 0; i < store->num_sources; i++) {
        const trust_source *s = &store->sources[i];
        bool names = s->form == TRUST_FILE && (trust_source_was_named(s) || s->before != NULL);
        if (names && (best == NULL || (best->origin != TRUST_FROM_ARGUMENT && s->origin == TRUST_FROM_ARGUMENT)))
            best = s;
    }
    return best;
}

static const char *by_option(const facts *f, const char *before, bool is_inside)
{
    return arena_printf(f->arena, is_inside ? "$ %s '...%s{file}...'" : "$ %s %s{file} ...", program_written(f), before);
}

/* A program that is told of its store by an option, a variable or a file of its own is told of another one in the same way: what
 * counts less would change nothing. NULL: it is not such a program. */
static const char *same_way(const facts *f, const trust_source *now)
{
    const trust_store *store = f->evidence->trust;
    bool is_own = store->runtime == RUNTIME_OTHER, by_variable = now != NULL && now->origin == TRUST_FROM_VARIABLE;
    if (store->runtime == RUNTIME_GIT && by_variable) /* git-config(1): before http.sslCAInfo */
        return arena_printf(f->arena, "$ %s={file} git ...", now->named);
    if (!is_own)
        return NULL;
    if (now != NULL && now->origin == TRUST_FROM_ARGUMENT && now->before != NULL)
        return by_option(f, now->before, now->is_inside);
    if (store->told_by_option != NULL)
        return by_option(f, store->told_by_option, false);
    if (store->told_by != NULL || by_variable)
        return arena_printf(f->arena, "$ %s={file} %s ...", store->told_by != NULL ? store->told_by : now->named,
                            program_written(f));
    return now != NULL && now->before != NULL ? by_option(f, now->before, false) : NULL;
}

void tell_trust_remedies(const facts *f, verdict *v, const char *path, const char *what)
{
    const trust_source *now = f->evidence->trust == NULL ? NULL : naming_source(f->evidence->trust);
    const char *command = f->evidence->trust == NULL ? NULL : same_way(f, now);
    bool is_of_file =
        command == NULL && now != NULL && now->origin == TRUST_FROM_FILE && f->evidence->trust->runtime == RUNTIME_OTHER;
    if (is_of_file)
        what = arena_printf(f->arena, "%s It is named by %s in %s, line %d.", what, now->named, now->named_in, now->named_at);
    if (command != NULL || is_of_file) {
        const remedy_row row = {REMEDY_CLIENT, NULL, NULL, command, LOWERS_NONE};
        verdict_add_remedy_rows_with(f, v, &row, 1, &(remedy_given){.file = path, .text = what});
        return;
    }
    verdict_add_remedy_rows_with(f, v, trust_rows, sizeof trust_rows / sizeof *trust_rows,
                                 &(remedy_given){.file = path, .text = what});
}
