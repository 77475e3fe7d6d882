/* The judgement: libcrypto verifies the path, every complaint is kept, and what it calls them is told apart further. */
#include "crypto/trust_inner.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { DER_LEN_MAX = 1024 * 1024, COMPLAINTS_MAX = 32, SECONDS_OF_A_DAY = 86400, DEPTH_MAX = 100 };

static const char *const cause_ids[TRUST_KIND_COUNT] = {
    [TRUST_TOO_LARGE] = "message-too-large",
    [TRUST_MISORDERED] = "cert-chain-misordered",
    [TRUST_SELF_SIGNED] = "cert-self-signed",
    [TRUST_INCOMPLETE] = "cert-chain-incomplete",
    [TRUST_UNKNOWN_ISSUER] = "cert-unknown-issuer",
    [TRUST_EXPIRED] = "cert-expired",
    [TRUST_NOT_YET_VALID] = "cert-not-yet-valid",
    [TRUST_NAME_MISMATCH] = "cert-name-mismatch",
    [TRUST_WEAK] = "cert-weak",
    [TRUST_WRONG_PURPOSE] = "cert-wrong-purpose",
    [TRUST_MALFORMED] = "cert-malformed",
    [TRUST_REVOKED] = "cert-revoked",
    [TRUST_STAPLE_MISSING] = "cert-staple-missing",
};

const char *trust_kind_cause(enum trust_kind kind)
{
    return kind < TRUST_KIND_COUNT ? cause_ids[kind] : "unknown";
}

/* ---- reading --------------------------------------------------------------------------------------------------------- */

static X509 *read_certificate(bytes_view der)
{
    const unsigned char *at = der.data;
    return der.len == 0 || der.len > DER_LEN_MAX ? NULL : d2i_X509(NULL, &at, (long)der.len);
}

static bytes_view der_of(arena *a, const X509 *certificate)
{
    unsigned char *encoded = NULL;
    int len = i2d_X509(certificate, &encoded);
    bytes_view der = len > 0 ? bytes_copy(a, bytes_from(encoded, (size_t)len)) : bytes_from(NULL, 0);
    OPENSSL_free(encoded);
    return der;
}

/* A role by what it is, not by what it claims: who signed itself is a root, whatever comes first is the leaf. */
static enum trust_role role_of(const trust_state *s, const X509 *certificate)
{
    int position = trust_position_of(s, certificate);
    if (position == (int)s->leaf)
        return TRUST_LEAF;
    return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0 ? TRUST_ROOT
                                                                                                     : TRUST_INTERMEDIATE;
}

int trust_position_of(const trust_state *s, const X509 *certificate)
{
    for (size_t i = 0; certificate != NULL && i < s->num_sent; i++)
        if (s->sent[i] == certificate || (s->sent[i] != NULL && X509_cmp(s->sent[i], certificate) == 0))
            return (int)i;
    return TRUST_NOT_SENT;
}

static int64_t days_of(int64_t seconds)
{
    return seconds > 0 ? seconds / SECONDS_OF_A_DAY : 0;
}

trust_finding *trust_add(trust_state *s, enum trust_kind kind, const X509 *certificate, const char *detail)
{
    trust_judgement *j = s->judgement;
    int position = trust_position_of(s, certificate);
    for (size_t i = 0; i < j->num_findings; i++)
        if (j->findings[i].kind == kind && j->findings[i].position == position)
            return NULL;
    if (j->num_findings == TRUST_FINDINGS_MAX)
        return NULL;
    trust_finding *found = &j->findings[j->num_findings++];
    *found = (trust_finding){.kind = kind, .position = position, .is_certain = true, .missing_known = -1, .detail = detail};
    found->certificate.subject = found->certificate.issuer = "";
    if (certificate == NULL)
        return found;
    bytes_view der = der_of(s->arena, certificate);
    if (!certificate_summarise(s->arena, der, &found->certificate))
        found->certificate.subject = found->certificate.issuer = "?";
    found->role = role_of(s, certificate);
    found->names = certificate_names_text(s->arena, der);
    int64_t since =
        kind == TRUST_NOT_YET_VALID ? found->certificate.not_before - j->now_unix : j->now_unix - found->certificate.not_after;
    found->days = days_of(since);
    found->aia = trust_aia_text(s->arena, certificate);
    return found;
}

/* ---- verification ------------------------------------------------------------------------------------------------------ */

typedef struct complaint {
    int code;          /* X509_V_ERR_ */
    X509 *certificate; /* a reference of its own */
} complaint;

typedef struct complaints {
    complaint list[COMPLAINTS_MAX];
    size_t num;
} complaints;

/* Every complaint is noted, and the verification goes on. */
static int keep_complaint(int ok, X509_STORE_CTX *context)
{
    complaints *kept = X509_STORE_CTX_get_app_data(context);
    if (ok || kept->num == COMPLAINTS_MAX)
        return ok || kept->num < COMPLAINTS_MAX;
    X509 *certificate = X509_STORE_CTX_get_current_cert(context);
    int code = X509_STORE_CTX_get_error(context);
    for (size_t i = 0; i < kept->num; i++)
        if (kept->list[i].code == code && kept->list[i].certificate == certificate)
            return 1;
    if (certificate != NULL)
        X509_up_ref(certificate);
    kept->list[kept->num++] = (complaint){.code = code, .certificate = certificate};
    return 1;
}

static void complaints_free(complaints *kept)
{
    for (size_t i = 0; i < kept->num; i++)
        X509_free(kept->list[i].certificate);
    kept->num = 0;
}

static void set_rules(const trust_state *s, X509_VERIFY_PARAM *parameters)
{
    const trust_question *q = s->question;
    unsigned long flags = X509_V_FLAG_TRUSTED_FIRST;
    if (q->rules.is_strict)
        flags |= X509_V_FLAG_X509_STRICT;
    if (q->rules.ends_at_any_anchor)
        flags |= X509_V_FLAG_PARTIAL_CHAIN;
    if (q->rules.takes_sent_first) {
        flags &= ~(unsigned long)X509_V_FLAG_TRUSTED_FIRST;
        X509_VERIFY_PARAM_clear_flags(parameters, X509_V_FLAG_TRUSTED_FIRST);
    }
    if (q->rules.takes_no_other)
        flags |= X509_V_FLAG_NO_ALT_CHAINS;
    X509_VERIFY_PARAM_set_flags(parameters, flags);
    X509_VERIFY_PARAM_set_depth(parameters, DEPTH_MAX);
    X509_VERIFY_PARAM_set_auth_level(parameters, q->rules.security_level);
    X509_VERIFY_PARAM_set_time(parameters, q->now_unix);
    if (q->host == NULL || q->rules.ignores_names)
        return;
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                    (q->rules.reads_common_name ? 0 : X509_CHECK_FLAG_NEVER_CHECK_SUBJECT));
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, q->host) != 1)
        X509_VERIFY_PARAM_set1_host(parameters, q->host, 0);
}

/* Verifies the leaf with those further certificates; the complaints go to `out`, the path to `path` where it is wanted. */
static void verify(const trust_state *s, STACK_OF(X509) * further, complaints *out, STACK_OF(X509) * *path)
{
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    *out = (complaints){.num = 0};
    if (context == NULL || X509_STORE_CTX_init(context, s->store, s->sent[s->leaf], further) != 1) {
        X509_STORE_CTX_free(context);
        return;
    }
    X509_STORE_CTX_set_default(context, "ssl_server");
    set_rules(s, X509_STORE_CTX_get0_param(context));
    X509_STORE_CTX_set_app_data(context, out);
    X509_STORE_CTX_set_verify_cb(context, keep_complaint);
    int verified = X509_verify_cert(context);
    if (verified < 0 && out->num == 0)
        out->list[out->num++] = (complaint){.code = X509_V_ERR_UNSPECIFIED, .certificate = NULL};
    if (path != NULL)
        *path = X509_STORE_CTX_get1_chain(context);
    X509_STORE_CTX_free(context);
    ERR_clear_error();
}

/* ---- what libcrypto's errors are ---------------------------------------------------------------------------------------- */

/* openssl/x509_vfy.h of 3.0. What is not here is a rule of RFC 5280 that was broken. */
static const struct {
    int code;
    enum trust_kind kind;
} kinds[] = {
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_CERT_UNTRUSTED, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_CERT_REJECTED, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_CERT_SIGNATURE_FAILURE, TRUST_UNKNOWN_ISSUER},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, TRUST_SELF_SIGNED},
    {X509_V_ERR_CERT_HAS_EXPIRED, TRUST_EXPIRED},
    {X509_V_ERR_CERT_NOT_YET_VALID, TRUST_NOT_YET_VALID},
    {X509_V_ERR_HOSTNAME_MISMATCH, TRUST_NAME_MISMATCH},
    {X509_V_ERR_IP_ADDRESS_MISMATCH, TRUST_NAME_MISMATCH},
    {X509_V_ERR_EE_KEY_TOO_SMALL, TRUST_WEAK},
    {X509_V_ERR_CA_KEY_TOO_SMALL, TRUST_WEAK},
    {X509_V_ERR_CA_MD_TOO_WEAK, TRUST_WEAK},
    {X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, TRUST_WEAK},
    {X509_V_ERR_INVALID_CA, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_INVALID_NON_CA, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_PATH_LENGTH_EXCEEDED, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_INVALID_PURPOSE, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_KEYUSAGE_NO_CERTSIGN, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_KEYUSAGE_NO_DIGITAL_SIGNATURE, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_PERMITTED_VIOLATION, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_EXCLUDED_VIOLATION, TRUST_WRONG_PURPOSE},
    {X509_V_ERR_CERT_CHAIN_TOO_LONG, TRUST_TOO_LARGE},
};

static enum trust_kind kind_of(int code)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].code == code)
            return kinds[i].kind;
    return TRUST_MALFORMED;
}

static const char *detail_of(const trust_state *s, const complaint *c)
{
    switch (kind_of(c->code)) {
    case TRUST_WRONG_PURPOSE:
        return trust_purpose_text(s->arena, c->certificate, c->code);
    case TRUST_WEAK:
        return trust_weakness_text(s->arena, c->certificate, c->code, s->question->rules.security_level);
    case TRUST_MALFORMED:
        return X509_verify_cert_error_string(c->code);
    case TRUST_UNKNOWN_ISSUER:
        return c->code == X509_V_ERR_CERT_SIGNATURE_FAILURE
                   ? "an issuer of that name is known, but its key did not sign this certificate"
                   : NULL;
    case TRUST_TOO_LARGE:
        return "the path has more certificates than the client follows";
    default:
        return NULL;
    }
}

/* ---- an issuer that is not there ---------------------------------------------------------------------------------------- */

static bool is_self_issued(const X509 *certificate)
{
    return X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) == 0;
}

static bool has_signed(X509 *issuer, X509 *certificate)
{
    if (X509_check_issued(issuer, certificate) != X509_V_OK)
        return false;
    bool is_right = X509_verify(certificate, X509_get0_pubkey(issuer)) == 1;
    ERR_clear_error();
    return is_right;
}

static int known_issuer_of(const trust_state *s, X509 *certificate)
{
    for (size_t i = 0; i < s->question->num_known; i++)
        if (s->known[i] != NULL && has_signed(s->known[i], certificate))
            return (int)i;
    return -1;
}

/* The last of a path: the anchor, where it is complete. */
static void keep_anchor(const trust_state *s, STACK_OF(X509) * path, trust_finding *found)
{
    const X509 *last = sk_X509_num(path) > 0 ? sk_X509_value(path, sk_X509_num(path) - 1) : NULL;
    if (last == NULL)
        return;
    found->anchor = certificate_name_text(s->arena, X509_get_subject_name(last));
    found->anchor_der = der_of(s->arena, last);
}

/* Whether the path is complete once what is known from elsewhere is added; then the anchor is kept. */
static bool is_complete_with_known(const trust_state *s, trust_finding *found)
{
    complaints rest;
    STACK_OF(X509) *path = NULL;
    verify(s, s->untrusted_more, &rest, &path);
    bool is_complete = true;
    for (size_t i = 0; i < rest.num; i++) {
        enum trust_kind kind = kind_of(rest.list[i].code);
        is_complete = is_complete && kind != TRUST_UNKNOWN_ISSUER && kind != TRUST_SELF_SIGNED;
    }
    complaints_free(&rest);
    if (is_complete)
        keep_anchor(s, path, found);
    sk_X509_pop_free(path, X509_free);
    return is_complete;
}

/* Up along the known ones, to one whose issuer nobody here knows: what does that one say of where it is to be had? */
static const char *further_up(const trust_state *s, X509 *certificate)
{
    enum { UP_MAX = 8 };
    X509 *top = certificate;
    int known = known_issuer_of(s, top);
    for (int i = 0; i < UP_MAX && known >= 0 && !is_self_issued(top); i++) {
        top = s->known[known];
        known = known_issuer_of(s, top);
    }
    return known >= 0 || is_self_issued(top) ? NULL : trust_aia_text(s->arena, top);
}

/* Without the issuer nobody can know what is above it: a root that nobody knows, or an intermediate that was forgotten. A leaf that
 * comes alone and says where its issuer is to be had, or whose issuer belongs to an organization that the client trusts, lacks an
 * intermediate; what an intermediate lacks is mostly its root. */
static void tell_missing_apart(trust_state *s, trust_finding *found)
{
    const char *relative = trust_relative_of(s->arena, s->question, found->certificate.issuer_der);
    bool is_leaf = found->role == TRUST_LEAF;
    found->is_certain = false;
    if (relative != NULL)
        found->detail = arena_printf(s->arena, "the client trusts %s, of the same organization", relative);
    else if (is_leaf && found->aia != NULL)
        found->detail = "the certificate says where its issuer is to be had, as those below an intermediate do";
    else
        return;
    found->kind = TRUST_INCOMPLETE;
}

static void refine_issuer(trust_state *s, trust_finding *found, X509 *certificate)
{
    if (certificate == NULL || is_self_issued(certificate))
        return;
    found->missing = certificate_name_text(s->arena, X509_get_issuer_name(certificate));
    found->missing_known = known_issuer_of(s, certificate);
    if (found->missing_known >= 0 && is_complete_with_known(s, found)) {
        found->kind = TRUST_INCOMPLETE;
        return;
    }
    found->to_be_had = further_up(s, certificate);
    if (found->missing_known < 0)
        tell_missing_apart(s, found);
}

/* ---- the order, the size -------------------------------------------------------------------------------------------------- */

static bool is_for_host(const trust_state *s, X509 *certificate)
{
    const char *host = s->question->host;
    if (host == NULL || X509_check_ca(certificate) > 0)
        return false;
    return X509_check_ip_asc(certificate, host, 0) == 1 || X509_check_host(certificate, host, 0, 0, NULL) == 1;
}

static bool signs_another(const trust_state *s, size_t index)
{
    for (size_t i = 0; i < s->num_sent; i++)
        if (i != index && s->sent[i] != NULL && s->sent[index] != NULL &&
            X509_NAME_cmp(X509_get_issuer_name(s->sent[i]), X509_get_subject_name(s->sent[index])) == 0)
            return true;
    return false;
}

/* The leaf is the first, unless that one is a CA that signed others, and one that is no CA comes after it. */
static size_t find_leaf(const trust_state *s)
{
    if (s->num_sent < 2 || s->sent[0] == NULL || is_for_host(s, s->sent[0]) || X509_check_ca(s->sent[0]) == 0 ||
        !signs_another(s, 0))
        return 0;
    size_t leaf = 0;
    for (size_t i = 1; i < s->num_sent; i++) {
        if (s->sent[i] == NULL || X509_check_ca(s->sent[i]) > 0 || signs_another(s, i))
            continue;
        if (leaf == 0 || is_for_host(s, s->sent[i]))
            leaf = i;
    }
    return leaf;
}

static bool is_in_order(const trust_state *s)
{
    for (size_t i = 0; i + 1 < s->num_sent; i++)
        if (s->sent[i] != NULL && s->sent[i + 1] != NULL &&
            X509_NAME_cmp(X509_get_issuer_name(s->sent[i]), X509_get_subject_name(s->sent[i + 1])) != 0)
            return false;
    return true;
}

static void judge_order(trust_state *s)
{
    s->leaf = find_leaf(s);
    s->judgement->is_out_of_order = s->leaf != 0 || !is_in_order(s);
    if (s->leaf != 0)
        trust_add(s, TRUST_MISORDERED, s->sent[s->leaf],
                  arena_printf(s->arena, "the server's own certificate comes at place %zu; it has to come first", s->leaf + 1));
    else if (s->judgement->is_out_of_order && s->question->rules.wants_order)
        trust_add(s, TRUST_MISORDERED, s->sent[0], "each certificate has to be followed by the one that signed it");
}

static void judge_size(trust_state *s)
{
    enum { LIST_LEN = 3, CERTIFICATE_LEN = 3 };
    const trust_question *q = s->question;
    size_t message_len = LIST_LEN + CERTIFICATE_LEN * q->num_sent;
    for (size_t i = 0; i < q->num_sent; i++)
        s->judgement->certificates_len += q->sent[i].len;
    message_len += s->judgement->certificates_len;
    if (q->message_len > message_len)
        message_len = q->message_len;
    bool too_long = q->rules.certificate_message_len_max != 0 && message_len > q->rules.certificate_message_len_max;
    if (too_long)
        trust_add(s, TRUST_TOO_LARGE, NULL,
                  arena_printf(s->arena, "it has %zu bytes, with %zu certificates; the client takes %zu bytes", message_len,
                               q->num_sent, q->rules.certificate_message_len_max));
    else if (q->rules.certificates_max != 0 && q->num_sent > q->rules.certificates_max)
        trust_add(s, TRUST_TOO_LARGE, NULL,
                  arena_printf(s->arena, "%zu certificates; the client takes %zu", q->num_sent, q->rules.certificates_max));
}

/* ---- the judgement ---------------------------------------------------------------------------------------------------------- */

static X509_STORE *store_of(const trust_question *q, const bool *chosen)
{
    X509_STORE *store = X509_STORE_new();
    for (size_t i = 0; store != NULL && i < q->num_anchors; i++) {
        X509 *anchor = chosen[i] ? read_certificate(q->anchors[i]) : NULL;
        if (anchor != NULL)
            X509_STORE_add_cert(store, anchor);
        X509_free(anchor);
    }
    return store;
}

static void read_all(trust_state *s)
{
    const trust_question *q = s->question;
    s->num_sent = q->num_sent < TRUST_SENT_MAX ? q->num_sent : TRUST_SENT_MAX;
    for (size_t i = 0; i < s->num_sent; i++) {
        s->sent[i] = read_certificate(q->sent[i]);
        if (s->sent[i] == NULL) {
            trust_finding *found = trust_add(s, TRUST_MALFORMED, NULL, "it cannot be read as a certificate");
            if (found != NULL)
                found->position = (int)i;
        }
    }
    trust_choice choice = trust_choose(s->arena, q);
    s->known = ARENA_ARRAY(s->arena, q->num_known, X509 *);
    for (size_t i = 0; i < q->num_known; i++)
        s->known[i] = choice.known[i] ? read_certificate(q->known[i]) : NULL;
    s->store = store_of(q, choice.anchors);
    ERR_clear_error();
}

static void stack_all(trust_state *s)
{
    s->untrusted = sk_X509_new_null();
    s->untrusted_more = sk_X509_new_null();
    for (size_t i = 0; i < s->num_sent; i++)
        if (s->sent[i] != NULL && i != s->leaf && s->untrusted != NULL && s->untrusted_more != NULL) {
            sk_X509_push(s->untrusted, s->sent[i]);
            sk_X509_push(s->untrusted_more, s->sent[i]);
        }
    for (size_t i = 0; i < s->question->num_known && s->untrusted_more != NULL; i++)
        if (s->known[i] != NULL && !is_self_issued(s->known[i]))
            sk_X509_push(s->untrusted_more, s->known[i]);
}

static void free_all(trust_state *s)
{
    sk_X509_free(s->untrusted);
    sk_X509_free(s->untrusted_more);
    sk_X509_pop_free(s->path, X509_free);
    for (size_t i = 0; i < s->num_sent; i++)
        X509_free(s->sent[i]);
    for (size_t i = 0; i < s->question->num_known; i++)
        X509_free(s->known[i]);
    X509_STORE_free(s->store);
    ERR_clear_error();
}

static void keep_path(trust_state *s)
{
    trust_judgement *j = s->judgement;
    for (int i = 0; i < sk_X509_num(s->path) && j->path_len < TRUST_PATH_MAX; i++) {
        X509 *certificate = sk_X509_value(s->path, i);
        trust_step *step = &j->path[j->path_len];
        step->position = trust_position_of(s, certificate);
        if (certificate_summarise(s->arena, der_of(s->arena, certificate), &step->certificate))
            j->path_len++;
    }
    s->issuer = sk_X509_num(s->path) > 1 ? sk_X509_value(s->path, 1) : NULL;
}

/* A complaint that this client would not make. */
static bool is_of_another_client(const trust_state *s, const complaint *c)
{
    return c->code == X509_V_ERR_CA_MD_TOO_WEAK && s->question->rules.takes_sha1 && trust_signed_with_sha1(c->certificate) &&
           s->question->rules.security_level <= 1;
}

/* One missing issuer makes libcrypto complain several times; once the issuer is missing, no more is said of it. */
static bool is_said_already(const trust_state *s, enum trust_kind kind)
{
    return kind == TRUST_UNKNOWN_ISSUER &&
           (trust_finding_of(s->judgement, TRUST_UNKNOWN_ISSUER) != NULL ||
            trust_finding_of(s->judgement, TRUST_INCOMPLETE) != NULL || trust_finding_of(s->judgement, TRUST_SELF_SIGNED) != NULL);
}

/* RFC 6125, 6.4.4: beside a subjectAltName the CN does not count. NULL: the name is not there either. */
static const char *text_of_common_name(const trust_state *s, X509 *certificate)
{
    if (X509_get_ext_by_NID(certificate, NID_subject_alt_name, -1) < 0)
        return "the name is only in its CN, and it has no subjectAltName";
    const char *host = s->question->host;
    bool is_there = host != NULL && X509_check_host(certificate, host, 0, X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT, NULL) == 1;
    return is_there ? "it has the name, which does not count beside a subjectAltName without it" : NULL;
}

static void judge_path(trust_state *s)
{
    complaints made;
    verify(s, s->untrusted, &made, &s->path);
    for (size_t i = 0; i < made.num; i++) {
        const complaint *c = &made.list[i];
        enum trust_kind kind = kind_of(c->code);
        if (is_of_another_client(s, c) || is_said_already(s, kind))
            continue;
        X509 *at_fault = kind == TRUST_NAME_MISMATCH ? s->sent[s->leaf] : c->certificate;
        trust_finding *found = trust_add(s, kind, at_fault, detail_of(s, c));
        if (found != NULL && kind == TRUST_UNKNOWN_ISSUER && c->code != X509_V_ERR_CERT_SIGNATURE_FAILURE)
            refine_issuer(s, found, c->certificate);
        if (found != NULL && kind == TRUST_NAME_MISMATCH)
            found->detail = text_of_common_name(s, at_fault);
    }
    complaints_free(&made);
    keep_path(s);
}

/* When the client comes to it; libcrypto's own order holds among equals. */
static int turn_of(const trust_rules *rules, const trust_finding *found)
{
    enum { WHOLE_MESSAGE, TIME_OF_LEAF, NAME, PATH, NAME_AFTER_PATH, STAPLE };
    bool is_about_time = found->kind == TRUST_EXPIRED || found->kind == TRUST_NOT_YET_VALID;
    switch (found->kind) {
    case TRUST_TOO_LARGE:
    case TRUST_MISORDERED:
    case TRUST_MALFORMED:
        return WHOLE_MESSAGE;
    case TRUST_NAME_MISMATCH:
        return rules->judges_leaf_first ? NAME : rules->compares_names_last ? NAME_AFTER_PATH : PATH;
    case TRUST_STAPLE_MISSING:
        return STAPLE;
    default:
        return is_about_time && found->role == TRUST_LEAF && rules->judges_leaf_first ? TIME_OF_LEAF : PATH;
    }
}

/* Clients test the same things one after the other, each in an order of its own, and end at the first that fails. */
static void put_in_order(trust_judgement *j)
{
    for (size_t i = 1; i < j->num_findings; i++)
        for (size_t k = i; k > 0 && turn_of(&j->rules, &j->findings[k]) < turn_of(&j->rules, &j->findings[k - 1]); k--) {
            trust_finding later = j->findings[k - 1];
            j->findings[k - 1] = j->findings[k];
            j->findings[k] = later;
        }
}

const trust_judgement *trust_judge(arena *a, const trust_question *question)
{
    trust_judgement *j = ARENA_NEW(a, trust_judgement);
    trust_state s = {.arena = a, .question = question, .judgement = j};
    j->num_sent = question->num_sent;
    j->now_unix = question->now_unix;
    j->host = question->host;
    j->rules = question->rules;
    judge_size(&s);
    read_all(&s);
    if (s.num_sent > 0 && s.sent[0] != NULL && s.store != NULL) {
        judge_order(&s);
        stack_all(&s);
        judge_path(&s);
        trust_judge_status(&s);
    }
    free_all(&s);
    if (j->rules.judges_leaf_first || j->rules.compares_names_last)
        put_in_order(j);
    return j;
}

const trust_finding *trust_finding_of(const trust_judgement *j, enum trust_kind kind)
{
    for (size_t i = 0; i < j->num_findings; i++)
        if (j->findings[i].kind == kind)
            return &j->findings[i];
    return NULL;
}

const char *trust_place_text(arena *a, const trust_judgement *j, const trust_finding *finding)
{
    static const char *const roles[] = {
        [TRUST_LEAF] = "the server's certificate", [TRUST_INTERMEDIATE] = "the intermediate", [TRUST_ROOT] = "the root"};
    if (finding->position == TRUST_NOT_SENT)
        return arena_printf(a, "%s %s (of the client's store)", roles[finding->role], finding->certificate.subject);
    if (finding->certificate.subject[0] == '\0')
        return arena_printf(a, "%s (%d of %zu sent)", roles[finding->role], finding->position + 1, j->num_sent);
    return arena_printf(a, "%s %s (%d of %zu sent)", roles[finding->role], finding->certificate.subject, finding->position + 1,
                        j->num_sent);
}
