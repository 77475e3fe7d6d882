#include "causes/cause.h"
#include "causes/remedies.h"

#include <string.h>

/* In the order of CAUSES.md, and of what is read after the hellos in that in which a client reads it. To add a cause: a file here,
 * its text in doc/causes/, a case in tests/lab/. */
const cause *const causes[] = {
    &cause_dns_failed,
    &cause_tcp_refused,
    &cause_tcp_timeout,
    &cause_proxy_refused,
    &cause_not_tls,
    &cause_starttls_needed,
    &cause_starttls_refused,
    &cause_client_speaks_plain,
    &cause_server_drops_all,
    &cause_handshake_timeout,
    &cause_client_credentials_unusable,
    &cause_nothing_to_offer,
    &cause_client_version_too_old,
    &cause_server_version_too_old,
    &cause_version_intolerance,
    &cause_sslv2_hello_rejected,
    &cause_inappropriate_fallback,
    &cause_no_shared_cipher,
    &cause_no_shared_group,
    &cause_no_shared_signature_algorithm,
    &cause_alpn_mismatch,
    &cause_cert_chain_misordered, /* whose signature does not fit the first certificate */
    &cause_record_corrupted,
    &cause_renegotiation_unsafe,
    &cause_message_too_large,
    &cause_trust_store_missing,
    &cause_trust_store_differs,
    &cause_client_clock_wrong,
    &cause_cert_self_signed,
    &cause_cert_chain_incomplete,
    &cause_cert_unknown_issuer,
    &cause_cert_expired,
    &cause_cert_not_yet_valid,
    &cause_cert_name_mismatch,
    &cause_cert_weak,
    &cause_cert_wrong_purpose,
    &cause_cert_malformed,
    &cause_cert_revoked,
    &cause_cert_staple_missing,
    &cause_dh_too_small,
    &cause_signature_too_weak,
    &cause_ems_required,
    &cause_extension_intolerance,
    &cause_hello_size_intolerance,
    &cause_record_version_intolerance,
    &cause_sni_missing,
    &cause_sni_unrecognized,
    &cause_client_cert_missing,
    &cause_client_cert_rejected,
    &cause_post_handshake_auth_unsupported,
    &cause_large_flight_lost,
    &cause_psk_rejected,
    &cause_ech_rejected,
    &cause_closed_without_notify,
    &cause_unknown,
};
const size_t num_causes = sizeof causes / sizeof *causes;

const cause *cause_find(const char *id)
{
    for (size_t i = 0; i < num_causes; i++)
        if (strcmp(causes[i]->id, id) == 0)
            return causes[i];
    return NULL;
}

void proposal_add(proposal_list *list, const cause *c, change proposed)
{
    if (list->num_proposals < PROPOSALS_MAX)
        list->proposals[list->num_proposals++] = (proposal){.cause = c, .change = proposed};
}

void verdict_add_detail(arena *a, verdict *v, const char *text)
{
    if (v->details == NULL)
        v->details = ARENA_ARRAY(a, VERDICT_DETAILS_MAX, const char *);
    if (v->num_details < VERDICT_DETAILS_MAX)
        v->details[v->num_details++] = text;
}

verdict *verdict_copy(arena *a, const verdict *v)
{
    verdict *copy = arena_copy(a, v, sizeof *v);
    copy->remedies = ARENA_ARRAY(a, VERDICT_REMEDIES_MAX, remedy);
    copy->details = ARENA_ARRAY(a, VERDICT_DETAILS_MAX, const char *);
    for (size_t i = 0; i < v->num_remedies; i++)
        copy->remedies[i] = v->remedies[i];
    for (size_t i = 0; i < v->num_details; i++)
        copy->details[i] = v->details[i];
    return copy;
}

void verdict_add_remedy(arena *a, verdict *v, remedy r)
{
    if (v->remedies == NULL)
        v->remedies = ARENA_ARRAY(a, VERDICT_REMEDIES_MAX, remedy);
    size_t at = v->num_remedies;
    if (at == VERDICT_REMEDIES_MAX)
        return;
    for (; at > 0 && v->remedies[at - 1].lowers_security > r.lowers_security; at--)
        v->remedies[at] = v->remedies[at - 1];
    v->remedies[at] = r;
    v->num_remedies++;
}

/* How what stands on top of Python's ssl is given a context (ctx): from their documentation. */
static const remedy_row context_rows[] = {
    {REMEDY_CLIENT, "python, uses requests", "With requests, where ctx is given to an adapter for this server:",
     "session.mount('https://{host}', type('Adapter', (requests.adapters.HTTPAdapter,), {'init_poolmanager': lambda self, *a, **k: "
     "requests.adapters.HTTPAdapter.init_poolmanager(self, *a, ssl_context=ctx, **k)})())",
     LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses urllib3", "With urllib3:", "urllib3.PoolManager(ssl_context=ctx)", LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses aiohttp", "With aiohttp:", "aiohttp.TCPConnector(ssl=ctx)", LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses httpx", "With httpx:", "httpx.Client(verify=ctx)", LOWERS_NONE},
    {REMEDY_CLIENT, "python, uses urllib.request", "With urllib.request:", "urllib.request.urlopen(url, context=ctx)", LOWERS_NONE},
};

static void add_ways_to_give_a_context(const facts *f, verdict *v, const remedy_subject *s, enum lowers_security as)
{
    enum { WAYS_MAX = 2 };
    remedy found[WAYS_MAX];
    size_t num = remedies_of_rows(f->arena, context_rows, sizeof context_rows / sizeof *context_rows, s, found, WAYS_MAX);
    for (size_t i = 0; i < num; i++) {
        found[i].lowers_security = as;
        verdict_add_remedy(f->arena, v, found[i]);
    }
}

void verdict_keep_remedies(verdict *v, const char *of_cause, enum why_kind kind)
{
    size_t kept = 0;
    for (size_t i = 0; i < v->num_remedies; i++) {
        const remedy *r = &v->remedies[i];
        bool is_meant = of_cause == NULL ? r->of_cause == NULL : r->of_cause != NULL && strcmp(r->of_cause, of_cause) == 0;
        if (!is_meant || r->only_for == 0 || (r->only_for & (1U << kind)) != 0)
            v->remedies[kept++] = *r;
    }
    v->num_remedies = kept;
}

void verdict_add_remedy_rows(const facts *f, verdict *v, const remedy_row *rows, size_t num_rows)
{
    verdict_add_remedy_rows_with(f, v, rows, num_rows, &(remedy_given){.file = NULL});
}

void verdict_add_remedy_rows_with(const facts *f, verdict *v, const remedy_row *rows, size_t num_rows, const remedy_given *given)
{
    remedy_subject subject = {
        .evidence = f->evidence, .change = f->proved, .change_is_enough = f->proved_is_enough, .given = *given};
    remedy found[VERDICT_REMEDIES_MAX];
    bool has_context = false;
    size_t num = remedies_of_rows(f->arena, rows, num_rows, &subject, found, VERDICT_REMEDIES_MAX);
    for (size_t i = 0; i < num; i++) {
        verdict_add_remedy(f->arena, v, found[i]);
        if (!has_context && found[i].line != NULL && strncmp(found[i].line, "ctx", 3) == 0) {
            add_ways_to_give_a_context(f, v, &subject, found[i].lowers_security);
            has_context = true;
        }
    }
}

const char *facts_target(const facts *f)
{
    const evidence *e = f->evidence;
    const char *host = e->host != NULL ? e->host : e->num_addresses > 0 ? e->addresses[0] : "the server";
    return e->port == 0 ? host : arena_printf(f->arena, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, e->port);
}
