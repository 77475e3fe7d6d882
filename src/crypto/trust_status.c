/* Whether a certificate was taken back: by CRLs, by the stapled OCSP response; and the promise to staple one. */
#include "crypto/trust_inner.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

enum { DER_LEN_MAX = 64 * 1024 * 1024, FEATURE_STATUS_REQUEST = 5 };

static const char *revoked_text(arena *a, const char *by, const char *when, const char *reason)
{
    return arena_printf(a, "it was revoked%s%s%s%s, says %s", when == NULL ? "" : " on ", when == NULL ? "" : when,
                        reason == NULL ? "" : ", reason ", reason == NULL ? "" : reason, by);
}

/* The certificate of the path above `index`; NULL where there is none. */
static X509 *issuer_in_path(const trust_state *s, int index)
{
    return index + 1 < sk_X509_num(s->path) ? sk_X509_value(s->path, index + 1) : NULL;
}

static bool is_from(X509_CRL *list, X509 *issuer)
{
    if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(issuer)) != 0)
        return false;
    bool is_right = X509_CRL_verify(list, X509_get0_pubkey(issuer)) == 1;
    ERR_clear_error();
    return is_right;
}

static void judge_list(trust_state *s, X509_CRL *list)
{
    for (int i = 0; i < sk_X509_num(s->path); i++) {
        X509 *certificate = sk_X509_value(s->path, i), *issuer = issuer_in_path(s, i);
        X509_REVOKED *entry = NULL;
        if (issuer == NULL || !is_from(list, issuer) || X509_CRL_get0_by_cert(list, &entry, certificate) != 1 || entry == NULL)
            continue;
        const char *when = certificate_time_text(s->arena, X509_REVOKED_get0_revocationDate(entry));
        trust_add(s, TRUST_REVOKED, certificate, revoked_text(s->arena, "its issuer's revocation list", when, NULL));
    }
}

static void judge_lists(trust_state *s)
{
    const trust_question *q = s->question;
    for (size_t i = 0; i < q->num_revocations; i++) {
        const unsigned char *at = q->revocations[i].data;
        bool fits = q->revocations[i].len > 0 && q->revocations[i].len <= DER_LEN_MAX;
        X509_CRL *list = fits ? d2i_X509_CRL(NULL, &at, (long)q->revocations[i].len) : NULL;
        if (list != NULL)
            judge_list(s, list);
        X509_CRL_free(list);
    }
}

static void judge_response(trust_state *s, OCSP_BASICRESP *response)
{
    X509 *leaf = s->sent[s->leaf];
    OCSP_CERTID *id = s->issuer == NULL ? NULL : OCSP_cert_to_id(NULL, leaf, s->issuer);
    int status = 0, reason = 0;
    ASN1_GENERALIZEDTIME *revoked_at = NULL, *this_update = NULL, *next_update = NULL;
    if (id != NULL && OCSP_resp_find_status(response, id, &status, &reason, &revoked_at, &this_update, &next_update) == 1 &&
        status == V_OCSP_CERTSTATUS_REVOKED)
        trust_add(s, TRUST_REVOKED, leaf,
                  revoked_text(s->arena, "the OCSP response that the server stapled",
                               revoked_at == NULL ? NULL : certificate_time_text(s->arena, revoked_at),
                               reason > 0 ? OCSP_crl_reason_str(reason) : NULL));
    OCSP_CERTID_free(id);
}

static void judge_staple(trust_state *s)
{
    bytes_view der = s->question->staple;
    const unsigned char *at = der.data;
    OCSP_RESPONSE *outer = der.len == 0 || der.len > DER_LEN_MAX ? NULL : d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
    OCSP_BASICRESP *basic = outer == NULL ? NULL : OCSP_response_get1_basic(outer);
    if (basic != NULL)
        judge_response(s, basic);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(outer);
}

/* TLS feature extension (RFC 7633): status_request. */
static bool promises_staple(const X509 *certificate)
{
    TLS_FEATURE *features = X509_get_ext_d2i(certificate, NID_tlsfeature, NULL, NULL);
    bool promises = false;
    for (int i = 0; i < sk_ASN1_INTEGER_num(features); i++)
        promises = promises || ASN1_INTEGER_get(sk_ASN1_INTEGER_value(features, i)) == FEATURE_STATUS_REQUEST;
    sk_ASN1_INTEGER_pop_free(features, ASN1_INTEGER_free);
    return promises;
}

static void judge_promise(trust_state *s)
{
    const trust_question *q = s->question;
    if (!q->is_staple_known || q->staple.len > 0)
        return;
    bool promised = promises_staple(s->sent[s->leaf]);
    if (q->rules.wants_staple || (q->rules.wants_promised_staple && promised))
        trust_add(s, TRUST_STAPLE_MISSING, s->sent[s->leaf],
                  promised ? "the certificate promises one (must-staple)" : "the client insists on one");
}

void trust_judge_status(trust_state *s)
{
    judge_lists(s);
    judge_staple(s);
    judge_promise(s);
    ERR_clear_error();
}
