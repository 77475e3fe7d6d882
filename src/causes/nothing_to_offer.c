/* nothing-to-offer and client-credentials-unusable: the client ends without a hello, or right after it; because code, policy and
 * library together leave it no version or no suite, or because its own certificate, key or CA file cannot be used. */
#include "causes/after_hello.h"
#include "causes/cause.h"
#include "causes/certificate.h"
#include "client/client.h"

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "python",
     "Look for what excludes the rest: minimum_version above maximum_version, OP_NO_TLSv1_x options, set_ciphers with names that "
     "this OpenSSL lacks.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "java",
     "Look at jdk.tls.client.protocols, https.protocols and jdk.tls.disabledAlgorithms: together they leave no version or no "
     "suite.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, "curl", "Look at --tlsv1.x, --tls-max, --ciphers and --tls13-ciphers: together they leave nothing.", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Look for settings that together leave no version or no cipher suite: the program's own minimum and maximum version and suite "
     "list, openssl.cnf (MinProtocol, MaxProtocol, CipherString), a crypto policy.",
     NULL, LOWERS_NONE},
};

/* What the client did instead of a hello; NULL where it did send one, or something else. */
static const char *what_it_did(const conversation *c)
{
    if (c == NULL)
        return NULL;
    bool is_in_clear = !c->preamble.complete && protocol_upgrades(c->preamble.protocol);
    if (c->has_hello || is_in_clear || preamble_was_in_vain(&c->preamble))
        return NULL;
    if (c->has_alert[SIDE_CLIENT]) /* whatever the server says to that */
        return "connects, sends an alert in place of a hello, and ends the connection";
    if (conversation_has_word_of_server(c) && !c->server_spoke_tls) /* an alert may follow the client's end */
        return NULL;
    bool said_nothing = c->client_len == c->preamble.client_bytes.len;
    return said_nothing && !conversation_waited_in_vain(c) && c->has_first_end && c->first_end == SIDE_CLIENT
               ? "connects and ends the connection without a hello"
               : NULL;
}

/* NULL where it did send a hello. */
static const char *end_without_hello(const evidence *e)
{
    bool never_connected = e->failed == NULL && e->tcp == TCP_NOT_TRIED;
    return never_connected ? "ends before it connects" : what_it_did(e->failed);
}

/* The schemes are those that IANA has, or brokers and data stores by custom. */
static bool names_tls(const char *text)
{
    static const char *const words[] = {"https",  "wss:",  "tls",   "ssl",     "imaps:", "pop3s:", "smtps:", "ldaps:", "ftps:",
                                        "nntps:", "sips:", "ircs:", "rediss:", "mqtts:", "amqps:", "ipps:",  "coaps:"};
    for (size_t i = 0; text != NULL && i < sizeof words / sizeof *words; i++)
        if (bytes_contain_ignoring_case(bytes_from_text(text), words[i]))
            return true;
    return false;
}

static bool has_words_of_tls(const evidence *e)
{
    bool named = names_tls(e->program_text);
    for (size_t i = 0; e->program_text == NULL && e->argv != NULL && e->argv[i] != NULL; i++)
        named = named || names_tls(e->argv[i]);
    return named;
}

/* A program that runs no text has its TLS library for itself; an interpreter has it for whoever wants it. */
static bool connected_with_its_own_library(const evidence *e)
{
    const client *c = e->client;
    bool is_itself = c != NULL && (c->runtime == RUNTIME_OTHER || c->runtime == RUNTIME_GO);
    return is_itself && c->library.kind != LIBRARY_UNKNOWN && e->failed != NULL;
}

/* Whether TLS was to begin at all. Whoever only looks whether a port is open leaves in the same way: the upgrade that was agreed
 * on, a word of it in the program, or a TLS library of its own, tells them apart. */
static bool was_to_begin_tls(const evidence *e)
{
    const conversation *c = e->failed;
    bool upgraded = c != NULL && c->preamble.complete && protocol_upgrades(c->preamble.protocol);
    return upgraded || has_words_of_tls(e) || connected_with_its_own_library(e);
}

static bool observe(const facts *f, verdict *v)
{
    const evidence *e = f->evidence;
    const char *did = end_without_hello(e);
    bool has_said_so = e->failed != NULL && e->failed->has_alert[SIDE_CLIENT];
    if (did == NULL || !e->command_failed || e->unusable != NULL || store_that_made_it_leave(f) != NULL ||
        !(has_said_so || (f->takes_guesses && was_to_begin_tls(e))))
        return false;
    v->proof = has_said_so ? PROOF_OBSERVED : PROOF_INFERRED;
    v->headline = arena_printf(f->arena,
                               "The client %s: its code, its library and the policy of the system together leave it no TLS version "
                               "or no cipher suite to offer.",
                               did);
    if (!has_said_so)
        verdict_add_detail(f->arena, v,
                           "Inferred: a program that leaves for a reason of its own, such as a file that it cannot read, looks "
                           "the same. Its message tells.");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
    return true;
}

static const remedy_row certificate_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Give it the client's certificate in PEM, in a file that the user who runs the program can read. What the file holds is shown "
     "by:",
     "$ openssl x509 -in {file} -noout -subject -enddate", LOWERS_NONE},
};
static const remedy_row pair_rows[] = {
    {REMEDY_CLIENT, NULL, "Give it the key that the certificate was issued for: both commands have to print the same.",
     "$ openssl x509 -in {file} -noout -pubkey; openssl pkey -in {key} -pubout", LOWERS_NONE},
};
static const remedy_row key_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Give it the client's private key in PEM, in a file that the user who runs the program can read. Whether it is one is shown "
     "by:",
     "$ openssl pkey -in {file} -noout -text_pub", LOWERS_NONE},
};
static const remedy_row trust_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Give it a file with the CA certificates that it is to trust, in PEM, which the user who runs the program can read; or leave "
     "it "
     "out, so that the usual store counts. What the file holds is shown by:",
     "$ openssl x509 -in {file} -noout -subject", LOWERS_NONE},
};
static const remedy_row keystore_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Give it a key store that the user who runs the program can read, with its password. What the file holds is shown by:",
     "$ keytool -list -keystore {file}", LOWERS_NONE},
};
static const struct {
    const remedy_row *rows;
    size_t num_rows;
} credential_rows[NUM_CREDENTIAL_ROLES] = {
    [CREDENTIAL_CERTIFICATE] = {certificate_rows, sizeof certificate_rows / sizeof(remedy_row)},
    [CREDENTIAL_KEY] = {key_rows, sizeof key_rows / sizeof(remedy_row)},
    [CREDENTIAL_TRUST] = {trust_rows, sizeof trust_rows / sizeof(remedy_row)},
    [CREDENTIAL_KEYSTORE] = {keystore_rows, sizeof keystore_rows / sizeof(remedy_row)},
    [CREDENTIAL_TRUST_KEYSTORE] = {keystore_rows, sizeof keystore_rows / sizeof(remedy_row)}};

static void tell_credential_remedies(const facts *f, verdict *v)
{
    const unusable_credential *u = f->evidence->unusable;
    remedy_given given = {.file = u->file, .key = u->key};
    if (u->key != NULL)
        verdict_add_remedy_rows_with(f, v, pair_rows, sizeof pair_rows / sizeof *pair_rows, &given);
    else
        verdict_add_remedy_rows_with(f, v, credential_rows[u->role].rows, credential_rows[u->role].num_rows, &given);
}

static bool observe_credentials(const facts *f, verdict *v)
{
    const evidence *e = f->evidence;
    const char *did = client_left_with_its_hello(f) ? "ends the connection right after its hello" : end_without_hello(e);
    if (did == NULL || !e->command_failed || e->unusable == NULL || e->unusable->is_default)
        return false;
    v->proof = PROOF_OBSERVED;
    v->headline =
        arena_printf(f->arena, "The client %s, since what it was given for it cannot be used: %s.", did, e->unusable->text);
    tell_credential_remedies(f, v);
    return true;
}

const cause cause_client_credentials_unusable = {
    .id = "client-credentials-unusable", .where = WHERE_CLIENT, .observe = observe_credentials};
const cause cause_nothing_to_offer = {.id = "nothing-to-offer", .where = WHERE_CLIENT, .observe = observe};
