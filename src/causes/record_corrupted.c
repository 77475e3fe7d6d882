/* record-corrupted: what arrives is not what was sent: a record that is not authentic, a signature or a Finished that is wrong. */
#include "causes/after_hello.h"
#include "causes/cause.h"
#include "crypto/certificate.h"
#include "registry/registry.h"

enum {
    ALERT_UNEXPECTED_MESSAGE = 10,
    ALERT_BAD_RECORD_MAC = 20,
    ALERT_DECRYPTION_FAILED = 21,
    ALERT_DECRYPT_ERROR = 51,
};

static const remedy_row rows[] = {
    {REMEDY_SYSTEM, NULL,
     "Try another way to the server: a box on this one (a proxy, a load balancer, a network card that offloads) changes bytes.",
     "$ ethtool -K eth0 tso off gso off gro off", LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Make sure that one connection is not used by two threads or processes at once (a pool that is kept across fork()).", NULL,
     LOWERS_NONE},
    {REMEDY_SERVER, NULL, "Look whether the server's key belongs to its certificate, and at its memory.", NULL, LOWERS_NONE},
};

/* A certificate that is none has no key: no signature can be judged, and what is wrong is that certificate. */
static bool leaf_can_be_read(const facts *f)
{
    bytes_view *certificates;
    certificate_summary leaf;
    return server_certificates(f, &certificates) > 0 && certificate_summarise(f->arena, certificates[0], &leaf);
}

/* What is wrong with the flight that a replay got; NULL nothing. */
static const char *damage_of(const facts *f)
{
    const server_flight *flight = f->flight;
    if (flight == NULL || !client_gave_up(f))
        return NULL;
    if (flight->is_damaged)
        return "a protected record of it is not authentic";
    if (flight->has_certificate_verify && !flight->signature_is_right && leaf_can_be_read(f))
        return "its signature does not fit its certificate and what was said";
    return flight->has_finished && !flight->finished_is_right ? "its Finished does not fit what was said" : NULL;
}

static bool says_so(int description)
{
    return description == ALERT_BAD_RECORD_MAC || description == ALERT_DECRYPTION_FAILED;
}

/* What the server says, under protection, to the Finished of a replay, which was right when it was sent; where it is the server
 * that gave up. A client that did so before may have had what damages the replay's Finished as well. */
static bool says_so_to_replay(const facts *f)
{
    int said = alert_to_replay(f);
    return server_gave_up(f) && (says_so(said) || said == ALERT_DECRYPT_ERROR);
}

/* ... or that a message is wrong, of which none was: a key exchange that is no point of its curve any more, a ChangeCipherSpec of
 * another byte. Not where it asked for a certificate: it may mean the empty one. */
static bool calls_replay_wrong(const facts *f)
{
    int said = alert_to_replay(f);
    return server_gave_up(f) && !server_requests_certificate(f) &&
           (said == ALERT_UNEXPECTED_MESSAGE || alert_calls_message_wrong(said));
}

/* One byte that has to be 1 (RFC 5246, 7.1), in clear. */
static const char *changed_wrongly(const facts *f)
{
    const conversation *c = f->evidence->failed;
    return c->changed_cipher_wrongly[SIDE_CLIENT] ? "client" : c->changed_cipher_wrongly[SIDE_SERVER] ? "server" : NULL;
}

/* As a fact only where the alert can mean nothing else. */
static const char *headline_by_replay(const facts *f)
{
    bool is_certain = says_so_to_replay(f);
    if (!is_certain && !calls_replay_wrong(f))
        return NULL;
    return arena_printf(
        f->arena,
        "Records %s damaged on the way: what the client sends after the server's hello %s arrive as it was sent. When "
        "tlswhy itself asks, the server answers its Finished with alert %s.",
        is_certain ? "are" : "seem to be", is_certain ? "does not" : "may not", alert_name(f->arena, (uint8_t)alert_to_replay(f)));
}

static const char *headline_by_sight(const facts *f, const char *damage)
{
    int client_said = alert_read_from(f, SIDE_CLIENT), server_said = alert_read_from(f, SIDE_SERVER);
    if (damage != NULL)
        return arena_printf(f->arena,
                            "Records are damaged on the way: the flight that the server sends does not arrive as it was sent; %s, "
                            "also when tlswhy itself asks.",
                            damage);
    if (says_so(client_said) || says_so(server_said))
        return arena_printf(f->arena, "Records are damaged on the way: %s says so with alert %s.",
                            says_so(client_said) ? "the client" : "the server",
                            alert_name(f->arena, (uint8_t)(says_so(client_said) ? client_said : server_said)));
    if (changed_wrongly(f) != NULL)
        return arena_printf(
            f->arena, "Records are damaged on the way: the %s's ChangeCipherSpec has another byte than the only one there is.",
            changed_wrongly(f));
    return NULL;
}

static void tell_what_would_prove_it(const facts *f, verdict *v)
{
    v->proof = PROOF_INFERRED;
    verdict_add_detail(f->arena, v,
                       "Inferred: the messages that tlswhy sent were right, and the server calls one of them wrong. A server that "
                       "does not understand them looks the same (one of TLS 1.3 that does not put up with ChangeCipherSpec). The "
                       "same from another place, best from the server's own machine, would prove it: there it works.");
}

static bool observe(const facts *f, verdict *v)
{
    if (!f->is_after_hello || f->evidence->failed == NULL)
        return false;
    const char *by_sight = headline_by_sight(f, damage_of(f));
    v->headline = by_sight != NULL ? by_sight : headline_by_replay(f);
    if (v->headline == NULL)
        return false;
    v->proof = PROOF_OBSERVED;
    if (by_sight == NULL && !says_so_to_replay(f))
        tell_what_would_prove_it(f, v);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

const cause cause_record_corrupted = {.id = "record-corrupted", .where = WHERE_NETWORK, .observe = observe};
