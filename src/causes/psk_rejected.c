/* psk-rejected: the session or pre-shared key that the hello refers to is refused, and the server does not fall back. */
#include "causes/cause.h"

static const remedy_row rows[] = {
    {REMEDY_CLIENT, NULL,
     "For a session: begin anew (restart the program, or turn resumption off for this server). For a configured key: identity and "
     "key "
     "have to be the same on both sides.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "A ticket that cannot be read has to lead to a full handshake (RFC 8446, 4.2.11): update the server, and give all machines of "
     "one "
     "name the same ticket keys.",
     NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    v->headline =
        arena_printf(f->arena,
                     "The server refuses the session or pre-shared key that the client's hello refers to (%s), and does not "
                     "fall back to a full handshake. Without it the same hello is accepted.",
                     answer_text(f->arena, &f->failure));
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_psk_rejected = {.id = "psk-rejected", .where = WHERE_BOTH, .rank = RANK_EXTENSION, .tell = tell};
