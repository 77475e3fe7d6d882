/* trust-store-missing: what the client looks in is empty, unreadable, or not there. */
#include "causes/after_hello.h"
#include "causes/certificate.h"

static const trust_source *missing_source(const trust_store *store)
{
    const trust_source *first = NULL;
    for (size_t i = store->num_sources; i-- > 0;)
        if (store->sources[i].num_certificates == 0 && (first == NULL || trust_source_was_named(&store->sources[i])))
            first = &store->sources[i];
    return first;
}

static void tell_missing_source(const facts *f, verdict *v, const trust_source *source)
{
    bool is_named = trust_source_was_named(source);
    v->headline = arena_printf(f->arena, "The client's trust store %s%s%s%s %s: it knows no issuer of the server's certificate.",
                               source->path, is_named ? ", which " : "", is_named ? source->named : "", is_named ? " names," : "",
                               source->problem == NULL ? "is empty" : source->problem);
    if (source->lacks_password)
        verdict_add_remedy(
            f->arena, v,
            (remedy){.who = REMEDY_CLIENT,
                     .text = "Tell Java the password of its trust store: without it, a store in PKCS #12 is taken for empty.",
                     .command = "java -Djavax.net.ssl.trustStorePassword=PASSWORD ..."});
    else if (source->origin == TRUST_FROM_VARIABLE)
        verdict_add_remedy(
            f->arena, v,
            (remedy){.who = REMEDY_CLIENT,
                     .text = arena_printf(
                         f->arena, "Let %s name a file that exists, or leave it unset, so that the default counts.", source->named),
                     .command = arena_printf(f->arena, "env -u %s ...", source->named)});
}

static bool left_without_hello(const conversation *c)
{
    return c != NULL && !c->has_hello && c->client_len == c->preamble.client_bytes.len && c->has_first_end &&
           c->first_end == SIDE_CLIENT;
}

const trust_source *store_that_made_it_leave(const facts *f)
{
    const trust_store *store = f->evidence->trust;
    const trust_source *source = store == NULL ? NULL : missing_source(store);
    bool left = client_left_with_its_hello(f) || left_without_hello(f->evidence->failed);
    if (!left || !f->evidence->command_failed || source == NULL || source->named == NULL || source->origin != TRUST_FROM_VARIABLE ||
        store->unverified != NULL)
        return NULL;
    return source;
}

/* No certificate was looked at: whether the usual store would do has to be tried. */
static void tell_usual_store(const facts *f, verdict *v)
{
    const trust_store *store = f->evidence->trust;
    for (size_t i = 0; i < store->num_others && v->trust == NULL; i++)
        if (store->others[i].form == TRUST_FILE && store->others[i].num_certificates > 0)
            tell_trust_in(f, &store->others[i], v);
}

static const remedy_row default_rows[] = {
    {REMEDY_CLIENT, NULL, "Name the file of the CA that issued the server's certificate.", "$ PGSSLROOTCERT=ca.pem ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "psql", "The same in the connection string.",
     "$ psql 'host={host} port={port} sslmode=verify-full sslrootcert=ca.pem ...'", LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Or put it where every program with this library looks: from then on each TLS connection of this user's by it verifies the "
     "server, in any sslmode.",
     "$ install -D -m 644 ca.pem {file}", LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "For a server with a certificate of a public CA: name this system's store, with sslmode=verify-full and no other: "
     "verify-ca compares no names, and anybody can have a certificate of those CAs.",
     "$ PGSSLMODE=verify-full PGSSLROOTCERT=/etc/ssl/certs/ca-certificates.crt ...", LOWERS_NONE},
};

/* It asked for TLS, was told to verify, and looked for its store before it said hello. */
static bool observe_default(const facts *f, verdict *v)
{
    const evidence *e = f->evidence;
    if (e->unusable == NULL || !e->unusable->is_default || !e->command_failed || !left_without_hello(e->failed) ||
        !e->failed->preamble.complete)
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline = arena_printf(f->arena,
                               "The client has no trust store, and leaves before its hello: %s. It looks there, as nobody names "
                               "another.",
                               e->unusable->text);
    v->why = (why){.kind = WHY_DEFAULT,
                   .detail = arena_printf(f->arena, "It was told to verify the server, and by default it does so with %s alone.",
                                          e->unusable->file)};
    verdict_add_remedy_rows_with(f, v, default_rows, sizeof default_rows / sizeof *default_rows,
                                 &(remedy_given){.file = e->unusable->file});
    return true;
}

static bool observe_early(const facts *f, verdict *v)
{
    const trust_source *source = store_that_made_it_leave(f);
    if (source == NULL)
        return false;
    tell_missing_source(f, v, source);
    tell_usual_store(f, v);
    v->proof = PROOF_OBSERVED;
    return true;
}

static bool observe(const facts *f, verdict *v)
{
    if (observe_default(f, v) || observe_early(f, v))
        return true;
    const trust_finding *found = certificate_refusal(f);
    if (found == NULL || !is_store_missing(f, found))
        return false;
    const client_judgement *j = f->judgement;
    const trust_source *source = missing_source(j->store);
    if (source != NULL)
        tell_missing_source(f, v, source);
    else
        v->headline = "The client has no trust store that could be found: it knows no issuer of any certificate.";
    tell_refusal(f, found, v);
    tell_trust_of_other(f, v);
    for (size_t i = 0; i < j->num_trusted_by && i < 1; i++) {
        verdict_add_detail(f->arena, v, arena_printf(f->arena, "With %s it would trust the server.", j->trusted_by[i]->name));
        tell_trust_remedies(f, v, j->trusted_by[i]->path, "Give it the store that trusts the server.");
    }
    if (j->num_trusted_by == 0 && (source == NULL || !source->lacks_password))
        tell_trust_remedies(f, v, "/etc/ssl/certs/ca-certificates.crt",
                            "Give it a store that exists; for a private CA, that CA's file.");
    return true;
}

const cause cause_trust_store_missing = {.id = "trust-store-missing", .where = WHERE_CLIENT, .observe = observe};
