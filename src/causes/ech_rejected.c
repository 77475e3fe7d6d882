/* ech-rejected: the server does not take the client's encrypted hello (RFC 9849), and the client insists on it. */
#include "causes/after_hello.h"
#include "causes/certificate.h"
#include "registry/registry.h"

enum { EXTENSION_ENCRYPTED_CLIENT_HELLO = 0xfe0d, ALERT_ECH_REQUIRED = 121 };

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL,
     "Get the key anew: it comes from the DNS record of type HTTPS, which a resolver in between may hold too long; or take the one "
     "that the "
     "server offers in its refusal (Go: ECHRejectionError.RetryConfigList).",
     "$ dig +short HTTPS {host}", LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Keep old keys for as long as DNS records with them may live, and publish new ones before they are used.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL, "If the name need not be hidden there, leave the encrypted hello out.", NULL, LOWERS_THIS_CONNECTION},
};

static const extension *extension_of_flight(const server_flight *flight)
{
    for (size_t i = 0; flight != NULL && i < flight->num_extensions; i++)
        if (flight->extensions[i].type == EXTENSION_ENCRYPTED_CLIENT_HELLO)
            return &flight->extensions[i];
    return NULL;
}

/* A meaningless one looks the same (GREASE, 6.2 of the RFC); a client that sends that does not insist. So it is named only where
 * the certificates give no reason to refuse, or where the alert can be read. */
static bool observe(const facts *f, verdict *v)
{
    const client_judgement *j = f->judgement;
    int said = alert_read_from(f, SIDE_CLIENT);
    bool offers = f->hello != NULL && client_hello_extension(f->hello, EXTENSION_ENCRYPTED_CLIENT_HELLO) != NULL;
    if (!f->is_after_hello || !offers || !client_gave_up(f) || agreed_version(f) < VERSION_TLS13)
        return false;
    bool has_keys = extension_of_flight(f->flight) != NULL, is_fine = j != NULL && j->trust->num_findings == 0;
    if (said != ALERT_ECH_REQUIRED && !is_fine && !has_keys)
        return false;
    v->proof = said == ALERT_ECH_REQUIRED ? PROOF_OBSERVED : PROOF_INFERRED;
    v->headline = arena_printf(
        f->arena,
        "The server does not take the client's encrypted hello (ECH), and the client ends the handshake when it has read "
        "the server's answer%s.",
        has_keys ? ", which offers other keys for it" : "");
    verdict_add_detail(
        f->arena, v,
        has_keys ? "The server knows ECH: the key that the client used is not, or no longer, the server's."
                 : "The server's answer has no keys for ECH: it does not know it, or a box on the way opened the connection.");
    if (v->proof == PROOF_INFERRED)
        verdict_add_detail(
            f->arena, v,
            "Inferred: the client's reason is encrypted, and the certificates give none. A run without the encrypted hello "
            "that works would prove it.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_ech_rejected = {.id = "ech-rejected", .where = WHERE_BOTH, .observe = observe};
