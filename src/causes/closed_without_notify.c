/* closed-without-notify: the handshake went well and data was sent, and then the server ended the stream without close_notify,
 * which the client takes for an error. */
#include "causes/after_hello.h"
#include "causes/certificate.h"

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Let the server, or the proxy in front of it, close in good order: SSL_shutdown before close. One that crashes or runs into a "
     "timeout in the midst of an answer looks the same: read its log.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "Let the answer say how long it is (HTTP: Content-Length, or chunks): clients then know that it is whole.", NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "python",
     "For this connection alone, where the data is known to be whole. Whoever sits on the way could then cut answers short.",
     "ctx.options |= 0x80  # ssl.OP_IGNORE_UNEXPECTED_EOF, which has a name since Python 3.10", LOWERS_THIS_CONNECTION},
    {REMEDY_CLIENT, NULL,
     "For this connection alone, where the data is known to be whole (OpenSSL 3: SSL_OP_IGNORE_UNEXPECTED_EOF). Whoever sits on "
     "the way "
     "could then cut answers short.",
     NULL, LOWERS_THIS_CONNECTION},
};

/* Ports where TLS is spoken from the first byte, to protocols whose messages tell their own length or end (IANA, Service Name and
 * Transport Protocol Port Number Registry). */
static const uint16_t self_delimited_ports[] = {
    465,  /* submissions */
    563,  /* nntps */
    636,  /* ldaps */
    853,  /* domain-s: RFC 7858 */
    990,  /* ftps, the control connection */
    993,  /* imaps */
    995,  /* pop3s */
    3269, /* msft-gc-ssl: LDAP */
    5061, /* sips */
    5671, /* amqps */
    6697, /* ircs-u */
    8883, /* secure-mqtt */
};

/* Whoever speaks such a protocol reads no further than to the end of a message: what its command fails for stood in one. All that
 * upgrade in their middle are of that kind; FTP's data, which are not, come on a connection of their own. */
static bool tells_its_lengths(const conversation *c)
{
    if (c->preamble.complete && protocol_upgrades(c->preamble.protocol))
        return true;
    for (size_t i = 0; i < sizeof self_delimited_ports / sizeof *self_delimited_ports; i++)
        if (self_delimited_ports[i] == c->port)
            return true;
    return false;
}

static bool observe(const facts *f, verdict *v)
{
    const conversation *c = f->evidence->failed;
    const trust_store *store = f->evidence->trust;
    if (c == NULL || store == NULL || f->evidence->refusal != NULL || !f->evidence->command_failed || !conversation_was_cut(c) ||
        !c->established_data[SIDE_SERVER] || c->end[SIDE_SERVER] != STREAM_FIN || store->insists_on_notify == NULL)
        return false;
    if (tells_its_lengths(c))
        return false;
    bool may_be_asked_for_a_certificate = may_be_asked_after_handshake(f) && !f->was_asked_with_offer;
    bool client_said_so = conversation_ended_with_alert(c, SIDE_CLIENT);
    if (may_be_asked_for_a_certificate || server_asks_after_handshake(f) || (client_said_so && !store->insists_on_notify_surely))
        return false;
    v->proof = store->insists_on_notify_surely && !client_said_so ? PROOF_OBSERVED : PROOF_INFERRED;
    v->headline =
        arena_printf(f->arena,
                     "The handshake went well, and after %zu bytes the server ended the TCP stream without close_notify. %s "
                     "takes that for an error, since data may have been cut off.",
                     c->server_len - c->preamble.server_bytes.len, store->insists_on_notify);
    if (!client_said_so)
        verdict_add_detail(f->arena, v, "The client ended without close_notify as well, as a library does that has met an error.");
    if (v->proof == PROOF_INFERRED)
        verdict_add_detail(
            f->arena, v,
            "Inferred: a program may be told not to mind, and one that had its answer whole, and failed for what it says (HTTP: "
            "404), looks the same. Its message (\"unexpected eof while reading\"), or a run with a server that says close_notify, "
            "would prove it.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_closed_without_notify = {.id = "closed-without-notify", .where = WHERE_SERVER, .observe = observe};
