/* unknown: nothing in the catalogue holds. The honest answer; what was seen and tried is told all the same. */
#include "causes/cause.h"

/* Where the server took the hello, it is what came after that failed. */
static const char *who_ended(const facts *f)
{
    const conversation *c = f->evidence->failed;
    arena *a = f->arena;
    if (c == NULL)
        return "The cause is not known.";
    if (c->has_alert[SIDE_CLIENT])
        return "The server accepted the hello, and the client ended the handshake with an alert.";
    if (c->has_first_end && c->first_end == SIDE_CLIENT && c->phase >= PHASE_SERVER_FLIGHT)
        return "The server accepted the hello, and the client ended the connection after the server's first flight.";
    if (c->phase >= PHASE_CLIENT_FINISHED)
        return "Both sides agreed on version and suite, and the server ended the connection after the client's last flight.";
    if (c->phase >= PHASE_SERVER_FLIGHT)
        return "The server accepted the hello; the handshake failed after the server's first flight.";
    return arena_printf(a, "The cause is not known (%s).", answer_text(a, &f->failure));
}

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    if (v->headline == NULL)
        v->headline = who_ended(f);
}

const cause cause_unknown = {.id = "unknown", .where = WHERE_BOTH, .tell = tell};
