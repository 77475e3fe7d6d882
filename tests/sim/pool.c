/* The certificates of the world after the hellos: one of each kind. */
#include "after.h"
#include "issue.h"

static const int64_t year_s = (int64_t)365 * ISSUE_DAY;

static issued make(arena *a, const issue_wish *wish, bytes_view *der)
{
    issued made = issue(a, wish);
    *der = made.der;
    return made;
}

static void make_and_forget(arena *a, const issue_wish *wish, bytes_view *der)
{
    issued made = make(a, wish, der);
    issued_free(&made);
}

static void make_leaves(arena *a, pool *p, const issued *by)
{
    issue_wish wish = {.common_name = "server", .issuer = by, .extensions = {LEAF_EXTENSIONS}};
    make_and_forget(a, &wish, &p->good);
    wish.not_before = -2 * year_s;
    wish.not_after = -3 * ISSUE_DAY;
    make_and_forget(a, &wish, &p->expired);
    wish.not_before = 9 * ISSUE_DAY;
    wish.not_after = year_s;
    make_and_forget(a, &wish, &p->future);
    make_and_forget(a, &(issue_wish){.common_name = "server", .issuer = by, .extensions = {LEAF_EXTENSIONS}, .rsa_bits = 1024},
                    &p->small_key);
    make_and_forget(
        a,
        &(issue_wish){.common_name = "server",
                      .issuer = by,
                      .extensions = {{"basicConstraints", "critical,CA:FALSE"}, {"subjectAltName", "DNS:elsewhere.example"}}},
        &p->other_name);
    make_and_forget(a,
                    &(issue_wish){.common_name = "server",
                                  .issuer = by,
                                  .extensions = {{"extendedKeyUsage", "clientAuth"}, {"subjectAltName", "DNS:localhost"}}},
                    &p->for_clients);
    make_and_forget(a, &(issue_wish){.common_name = "server", .issuer = by, .extensions = {{"subjectAltName", "DNS:localhost"}}},
                    &p->strict);
    make_and_forget(
        a, &(issue_wish){.common_name = "server", .issuer = by, .extensions = {LEAF_EXTENSIONS, {"tlsfeature", "status_request"}}},
        &p->promised);
}

static void make_revoked(arena *a, pool *p, const issued *by)
{
    issued revoked = make(a, &(issue_wish){.common_name = "server", .issuer = by, .extensions = {LEAF_EXTENSIONS}}, &p->revoked);
    p->revocations = issue_revocation(a, by, revoked.certificate);
    issued_free(&revoked);
}

static void make_clients(arena *a, pool *p, const issued *root)
{
    issue_wish wish = {.common_name = "a client", .issuer = root, .extensions = {{"extendedKeyUsage", "clientAuth"}}};
    make_and_forget(a, &wish, &p->client);
    wish.not_before = -2 * year_s;
    wish.not_after = -ISSUE_DAY;
    make_and_forget(a, &wish, &p->client_expired);
    make_and_forget(a, &(issue_wish){.common_name = "a stranger"}, &p->stranger);
}

/* Issued by what should not, or need not, be trusted. */
static void make_strange_ones(arena *a, pool *p, const issued *root, const issued *other)
{
    const issue_wish leaf = {.common_name = "server", .extensions = {LEAF_EXTENSIONS}};
    issue_wish wish = leaf;
    wish.issuer = other;
    make_and_forget(a, &wish, &p->by_other);
    make_and_forget(a, &(issue_wish){.common_name = "server", .extensions = {{"subjectAltName", "DNS:localhost"}}},
                    &p->self_signed);
    issued no_ca = make(a,
                        &(issue_wish){.organization = "Test",
                                      .common_name = "No CA",
                                      .issuer = root,
                                      .extensions = {{"basicConstraints", "critical,CA:FALSE"}, {"subjectKeyIdentifier", "hash"}}},
                        &p->no_ca);
    wish.issuer = &no_ca;
    make_and_forget(a, &wish, &p->by_no_ca);
    issued_free(&no_ca);
    issued old = make(a,
                      &(issue_wish){.organization = "Test",
                                    .common_name = "Old Intermediate",
                                    .issuer = root,
                                    .extensions = {CA_EXTENSIONS},
                                    .not_before = -3 * year_s,
                                    .not_after = -ISSUE_DAY},
                      &p->old_intermediate);
    wish.issuer = &old;
    make_and_forget(a, &wish, &p->by_old);
    issued_free(&old);
}

void pool_make(arena *a, pool *out)
{
    *out = (pool){.arena = a};
    issued_chain chain = issue_chain(a);
    issued other = make(a, &(issue_wish){.organization = "Other", .common_name = "Other Root", .extensions = {CA_EXTENSIONS}},
                        &out->other_root);
    certificate_summary root;
    out->root = chain.root.der;
    out->intermediate = chain.intermediate.der;
    if (certificate_summarise(a, chain.root.der, &root))
        out->root_name = root.subject_der;
    make_leaves(a, out, &chain.intermediate);
    make_revoked(a, out, &chain.intermediate);
    make_clients(a, out, &chain.root);
    make_strange_ones(a, out, &chain.root, &other);
    issued_free(&other);
    issued_chain_free(&chain);
}
