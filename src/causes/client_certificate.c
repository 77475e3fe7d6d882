/* client-cert-missing and client-cert-rejected: the server wants a certificate of the client. */
#include "causes/after_hello.h"
#include "causes/cause.h"
#include "crypto/certificate.h"
#include "registry/registry.h"

static const remedy_row missing_rows[] = {
    {REMEDY_CLIENT, "curl", "Give curl the certificate and its key, with the intermediates in the same file.",
     "$ curl --cert client.pem --key client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "python", "Give the context the certificate and its key (requests: cert=('client.pem', 'client.key')).",
     "ctx.load_cert_chain('client.pem', 'client.key')", LOWERS_NONE},
    {REMEDY_CLIENT, "node", "Give the request the certificate and its key.",
     "https.request({cert: fs.readFileSync('client.pem'), key: fs.readFileSync('client.key'), ...})", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Give Java a key store with the certificate and its key.",
     "$ java -Djavax.net.ssl.keyStore=client.p12 -Djavax.net.ssl.keyStorePassword=PASSWORD ...", LOWERS_NONE},
    {REMEDY_CLIENT, "wget", "Give wget the certificate and its key.",
     "$ wget --certificate=client.pem --private-key=client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Give it the certificate and its key.",
     "$ gnutls-cli --x509certfile client.pem --x509keyfile client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Give it the certificate and its key.", "$ openssl s_client -cert client.pem -key client.key ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "git", "Give git the certificate and its key.",
     "$ git -c http.sslCert=client.pem -c http.sslKey=client.key ...", LOWERS_NONE},
    {REMEDY_CLIENT, "perl", "Give IO::Socket::SSL the certificate and its key.",
     "IO::Socket::SSL->new(SSL_cert_file => 'client.pem', SSL_key_file => 'client.key', ...)", LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Get a certificate from a CA that the server accepts, and give it with its key and its intermediates to the client.", NULL,
     LOWERS_NONE},
    {REMEDY_SERVER, NULL, "If it should not want one: nginx ssl_verify_client off, Apache SSLVerifyClient none.", NULL,
     LOWERS_NONE},
};

static const remedy_row rejected_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Send a certificate that a CA accepted by the server has issued, that has not expired and may be used for clients, together "
     "with its intermediates.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "If the certificate should be accepted: add its issuer to what the server trusts (nginx ssl_client_certificate, Apache "
     "SSLCACertificateFile), and look into the server's log for its reason.",
     NULL, LOWERS_NONE},
};

/* `said`: the alert that counts; ALERT_NOT_READ none. */
static const char *refusal_text(const facts *f, int said)
{
    if (said != ALERT_NOT_READ)
        return arena_printf(f->arena, "refuses it with alert %s", alert_name(f->arena, (uint8_t)said));
    const conversation *c = f->evidence->failed;
    if (c->has_encrypted_alert[SIDE_SERVER])
        return "refuses it with an encrypted alert";
    return c->end[SIDE_SERVER] == STREAM_RESET ? "resets the connection" : "ends the connection";
}

static void tell_issuers(const facts *f, verdict *v)
{
    const char *issuers = accepted_issuers_text(f);
    verdict_add_detail(f->arena, v,
                       issuers == NULL ? "The server does not say which issuers it accepts."
                                       : arena_printf(f->arena, "The server accepts certificates issued by: %s.", issuers));
}

/* ---- what speaks against one ----------------------------------------------------------------------------------------- */

static bool is_accepted_issuer(const facts *f, bytes_view issuer)
{
    bytes_view *names;
    size_t num = accepted_issuers(f, &names);
    for (size_t i = 0; i < num; i++)
        if (bytes_equal(names[i], issuer))
            return true;
    return num == 0;
}

/* What the server would have against those certificates, as far as can be told from here; NULL nothing. */
static const char *fault_of_chain(const facts *f, const bytes_view *certificates, size_t num)
{
    arena *a = f->arena;
    certificate_summary leaf;
    if (num == 0 || !certificate_summarise(a, certificates[0], &leaf))
        return NULL;
    int64_t now = f->evidence->now_unix;
    if (now != 0 && now > leaf.not_after)
        return arena_printf(a, "it has expired (%s)", leaf.not_after_text);
    if (now != 0 && now < leaf.not_before)
        return arena_printf(a, "it is not valid before %s", leaf.not_before_text);
    for (size_t i = 0; i < num; i++) {
        certificate_summary one;
        if (certificate_summarise(a, certificates[i], &one) && is_accepted_issuer(f, one.issuer_der))
            return NULL;
    }
    return arena_printf(a, "its issuer (%s) is not among those that the server accepts%s", leaf.issuer,
                        bytes_equal(leaf.issuer_der, leaf.subject_der) ? "" : ", and no intermediate with it leads to one");
}

/* ---- none was sent --------------------------------------------------------------------------------------------------- */

/* What the client was given for it, and may have held back: GnuTLS and Java send none whose issuer the server does not accept. */
static const char *given_text(const facts *f)
{
    const given_credential *own = f->evidence->own;
    if (own == NULL)
        return "The client has none to send";
    const char *fault = fault_of_chain(f, own->certificates, own->num_certificates);
    return arena_printf(f->arena, "The client sends none, although it was given %s%s%s", own->file, fault == NULL ? "" : ": ",
                        fault == NULL ? "" : fault);
}

static void tell_missing_remedies(const facts *f, verdict *v)
{
    if (f->evidence->own == NULL)
        verdict_add_remedy_rows(f, v, missing_rows, sizeof missing_rows / sizeof *missing_rows);
    else
        verdict_add_remedy_rows(f, v, rejected_rows, sizeof rejected_rows / sizeof *rejected_rows);
}

/* The server asks when the handshake is over, and what the client then sends cannot be told from its data. */
static bool observe_after_handshake(const facts *f, verdict *v, bool is_given_one)
{
    if (!server_asks_after_handshake(f) || !offers_post_handshake_auth(f) || (f->evidence->own != NULL) != is_given_one)
        return false;
    const char *none = "The client, which offers that, was given none to send, and";
    v->proof = PROOF_INFERRED;
    v->headline =
        arena_printf(f->arena,
                     "The server wants a certificate of the client after the handshake (post-handshake authentication). %s the "
                     "server ended the connection.",
                     is_given_one ? arena_printf(f->arena, "The client was given %s for it, and", f->evidence->own->file) : none);
    verdict_add_detail(
        f->arena, v,
        "Inferred: a probe of the same hello was asked for a certificate; what the client answered is encrypted. A run "
        "with a certificate that the server accepts would prove it.");
    tell_missing_remedies(f, v);
    return true;
}

/* Then the server's end, and the alert before it, answer that. */
static bool client_said_goodbye(const conversation *c)
{
    return c->has_encrypted_alert[SIDE_CLIENT] || (c->has_first_end && c->first_end == SIDE_CLIENT);
}

static bool observe_missing(const facts *f, verdict *v)
{
    if (observe_after_handshake(f, v, false))
        return true;
    if (!f->is_after_hello || !server_gave_up(f) || client_certificate_sent(f) != CLIENT_CERTIFICATE_EMPTY)
        return false;
    const char *issuers = accepted_issuers_text(f);
    int said = alert_read_from(f, SIDE_SERVER);
    if (said == ALERT_NOT_READ) /* the replay has none either: it is told the same */
        said = alert_to_replay(f);
    if (alert_calls_message_wrong(said) || (said == ALERT_NOT_READ && client_said_goodbye(f->evidence->failed)))
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(f->arena, "The server wants a certificate of the client%s%s%s. %s, and the server %s.",
                               issuers == NULL ? "" : " (issued by ", issuers == NULL ? "" : issuers, issuers == NULL ? "" : ")",
                               given_text(f), refusal_text(f, said));
    tell_issuers(f, v);
    tell_missing_remedies(f, v);
    return true;
}

/* ---- one was sent ---------------------------------------------------------------------------------------------------- */

static const char *sent_text(const facts *f)
{
    const certificate_list *sent = &f->evidence->failed->client_certificates;
    certificate_summary leaf;
    if (sent->num_certificates == 0 || !certificate_summarise(f->arena, sent->certificates[0], &leaf))
        return "a certificate";
    return arena_printf(f->arena, "a certificate (%s, issued by %s)", leaf.subject, leaf.issuer);
}

/* In clear up to TLS 1.2, else what the client was given to send: a hint. */
static const char *fault_of_sent(const facts *f, bool *is_read)
{
    const certificate_list *sent = &f->evidence->failed->client_certificates;
    const given_credential *own = f->evidence->own;
    *is_read = sent->num_certificates > 0;
    if (*is_read)
        return fault_of_chain(f, sent->certificates, sent->num_certificates);
    const char *fault = own == NULL ? NULL : fault_of_chain(f, own->certificates, own->num_certificates);
    return fault == NULL ? NULL : arena_printf(f->arena, "of the one in %s, which it was given, %s", own->file, fault);
}

static bool observe_rejected(const facts *f, verdict *v)
{
    if (observe_after_handshake(f, v, true))
        return true;
    if (!f->is_after_hello || !server_gave_up(f) || client_certificate_sent(f) != CLIENT_CERTIFICATE_SENT)
        return false;
    bool is_read;
    const char *fault = fault_of_sent(f, &is_read);
    int said = alert_read_from(f, SIDE_SERVER);
    bool reason_is_read = (is_read && fault != NULL) || (said != ALERT_NOT_READ && alert_is_on_certificate(said));
    v->proof = reason_is_read ? PROOF_OBSERVED : PROOF_INFERRED;
    v->headline = arena_printf(f->arena, "The client sends %s, and the server %s%s%s.", sent_text(f), refusal_text(f, said),
                               fault == NULL ? "" : ": ", fault == NULL ? "" : fault);
    tell_issuers(f, v);
    verdict_add_remedy_rows(f, v, rejected_rows, sizeof rejected_rows / sizeof *rejected_rows);
    return true;
}

const cause cause_client_cert_missing = {.id = "client-cert-missing", .where = WHERE_CLIENT, .observe = observe_missing};
const cause cause_client_cert_rejected = {.id = "client-cert-rejected", .where = WHERE_CLIENT, .observe = observe_rejected};
