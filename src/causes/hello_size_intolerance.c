/* hello-size-intolerance: the server, or a box on the way, breaks on the size of the hello or on how it is cut. */
#include "causes/cause.h"
#include "registry/registry.h"

enum { EXTENSION_PADDING = 21 };

static bool has_large_share(const facts *f)
{
    code_list shares = client_hello_key_share_groups(f->arena, f->hello);
    for (size_t i = 0; i < shares.num_codes; i++)
        if (group_is_post_quantum(shares.codes[i]))
            return true;
    return false;
}

/* Past the nearest bound at which such boxes break: 256 to 511 bytes in one old load balancer (the reason for RFC 7685), or a
 * window above. */
static size_t larger_size(size_t len)
{
    if (len < 560)
        return 600;
    return len < 1200 ? 1300 : len * 2;
}

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    if (f->hello->format != HELLO_FORMAT_TLS) /* any edit would make it one, and that would be what helped */
        return;
    if (f->hello->num_fragments > 1 || (f->evidence->failed != NULL && f->evidence->failed->num_client_chunks > 1))
        proposal_add(out, self, (change){.kind = CHANGE_ONE_RECORD});
    if (has_large_share(f))
        proposal_add(out, self, (change){.kind = CHANGE_LARGE_SHARES_REMOVED});
    const extension *padding = client_hello_extension(f->hello, EXTENSION_PADDING);
    if (padding != NULL)
        proposal_add(out, self, (change){.kind = CHANGE_SIZE, .len = f->hello_len - padding->body.len - 4});
    proposal_add(out, self, (change){.kind = CHANGE_SIZE, .len = larger_size(f->hello_len)});
}

static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Update the server or the box in front of it: a hello may be of any size and may come in several segments.", NULL,
     LOWERS_NONE},
};
static const remedy_row post_quantum_rows[] = {
    {REMEDY_CLIENT, "node", "Until then, for this server alone: no post-quantum key share, which makes the hello small.",
     "https.request({ ecdhCurve: 'X25519:P-256', ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "curl, OpenSSL", "Until then: no post-quantum key share, which makes the hello small.",
     "$ curl --curves X25519:P-256 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "openssl", "Until then: no post-quantum key share, which makes the hello small.",
     "$ openssl s_client -groups X25519:P-256 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java", "Until then: no post-quantum key share, which makes the hello small.",
     "$ java -Djdk.tls.namedGroups=x25519,secp256r1 ...", LOWERS_NONE},
    {REMEDY_CLIENT, "Go crypto/tls >= 1.24", "Until then: no post-quantum key share, which makes the hello small.",
     "$ GODEBUG=tlsmlkem=0 ...", LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 3.5, not node",
     "Until then, in a file that OPENSSL_CONF names for this program, in the section that system_default "
     "names:",
     "Groups = X25519:P-256", LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    if (c->kind == CHANGE_ONE_RECORD)
        v->headline =
            "The server, or a box on the way, breaks on a hello that comes in several pieces. In one piece it is accepted.";
    else if (has_large_share(f))
        v->headline = arena_printf(a,
                                   "The server, or a box on the way, breaks on the size of the hello: %zu bytes, made so large by "
                                   "its post-quantum key share (%s).",
                                   f->hello_len, code_names(a, client_hello_key_share_groups(a, f->hello), group_name, 2));
    else
        v->headline = arena_printf(a,
                                   "The server, or a box on the way, breaks on the size of the hello: %zu bytes. The same offer in "
                                   "another size is accepted.",
                                   f->hello_len);
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    if (has_large_share(f))
        verdict_add_remedy_rows(f, v, post_quantum_rows, sizeof post_quantum_rows / sizeof *post_quantum_rows);
}

const cause cause_hello_size_intolerance = {
    .id = "hello-size-intolerance", .where = WHERE_NETWORK, .rank = RANK_SIZE, .propose = propose, .tell = tell};
