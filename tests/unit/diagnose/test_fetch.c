/* An issuer that is missing: it is asked for only where the user allows it, and what comes is judged as the client would. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/trust_store.h"
#include "diagnose/diagnosis.h"
#include "issue.h"
#include "registry/registry.h"

#include <string.h>

#define INTERMEDIATE_AT "http://pki.example/intermediate.der"
enum { ALERT_UNKNOWN_CA = 48 };

typedef struct world {
    arena *a;
    issued_chain chain;
    issued leaf; /* says where the intermediate is to be had */
    conversation failed;
    trust_store trust;
    evidence given;
    size_t num_asked; /* files */
} world;

static void no_random(void *user, uint8_t *out, size_t len)
{
    (void)user;
    memset(out, 7, len);
}

static void make_hello(world *w)
{
    w->failed.has_hello = w->failed.client_spoke_tls = w->failed.server_spoke_tls = true;
    w->failed.hello = (client_hello){.record_version = VERSION_TLS10, .legacy_version = VERSION_TLS12};
    w->failed.hello.random = bytes_copy(w->a, bytes_from("01234567890123456789012345678901", 32));
    w->failed.hello.cipher_suites = codes_one(w->a, 0xc02f);
}

static void make_failure(world *w)
{
    w->failed.arena = w->a;
    make_hello(w);
    w->failed.has_server_hello = true;
    w->failed.server_hello = (server_hello){.version = VERSION_TLS12, .cipher_suite = 0xc02f};
    w->failed.certificates.certificates = &w->leaf.der;
    w->failed.certificates.num_certificates = 1;
    w->failed.phase = PHASE_SERVER_FLIGHT;
    w->failed.server_len = 4000;
    w->failed.has_alert[SIDE_CLIENT] = true;
    w->failed.alerts[SIDE_CLIENT] = (alert){.level = ALERT_FATAL, .description = ALERT_UNKNOWN_CA};
    w->failed.has_first_end = true;
    w->failed.first_end = SIDE_CLIENT;
}

static int set_up(void **state)
{
    static world w;
    static const char *addresses[] = {"192.0.2.7"};
    w = (world){.a = arena_new()};
    w.chain = issue_chain(w.a);
    w.leaf = issue(w.a, &(issue_wish){.common_name = "localhost",
                                      .issuer = &w.chain.intermediate,
                                      .extensions = {LEAF_EXTENSIONS, {"authorityInfoAccess", "caIssuers;URI:" INTERMEDIATE_AT}}});
    make_failure(&w);
    w.trust = (trust_store){.program = "", .is_certain = true, .anchors = &w.chain.root.der, .num_anchors = 1};
    w.given = (evidence){.failed = &w.failed,
                         .host = "localhost",
                         .port = 443,
                         .addresses = addresses,
                         .num_addresses = 1,
                         .trust = &w.trust,
                         .now_unix = ISSUE_NOW,
                         .may_fetch = true,
                         .command_failed = true};
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    issued_free(&w->leaf);
    issued_chain_free(&w->chain);
    arena_free(w->a);
    return 0;
}

static answer accepted(const world *w)
{
    return (answer){.kind = ANSWER_ACCEPTED, .conversation = &w->failed};
}

/* Each file that is asked for is answered with that certificate; empty: there is none. */
static const verdict *diagnose(world *w, bytes_view file)
{
    static const diagnosis_tools tools = {.random_bytes = no_random};
    diagnosis *d = diagnosis_new(w->a, &w->given, &tools);
    for (;;) {
        const wanted_probe *wave;
        size_t num = diagnosis_next_wave(d, &wave);
        const char *uri = num == 0 ? diagnosis_wanted_file(d) : NULL;
        if (uri != NULL) {
            w->num_asked++;
            bytes_view *kept = arena_copy(w->a, &file, sizeof file);
            diagnosis_feed_fetched(d, &(fetched){.uri = uri,
                                                 .certificates = kept,
                                                 .num_certificates = file.len > 0 ? 1 : 0,
                                                 .form = file.len > 0 ? ISSUER_DER : ISSUER_NONE,
                                                 .problem = file.len > 0 ? NULL : "the answer was HTTP status 404"});
            continue;
        }
        if (num == 0)
            return diagnosis_verdict(d);
        answer *answers = ARENA_ARRAY(w->a, num, answer);
        for (size_t i = 0; i < num; i++)
            answers[i] = accepted(w);
        diagnosis_feed(d, answers, num);
    }
}

static bool says(const verdict *v, const char *words)
{
    for (size_t i = 0; i < v->num_details; i++)
        if (strstr(v->details[i], words) != NULL)
            return true;
    return false;
}

static void what_is_fetched_completes_the_path(void **state)
{
    world *w = *state;
    const verdict *v = diagnose(w, w->chain.intermediate.der);
    assert_string_equal(v->cause, "cert-chain-incomplete");
    assert_int_equal(v->proof, PROOF_OBSERVED);
    assert_int_equal(w->num_asked, 1);
    assert_true(says(v, "Fetched from " INTERMEDIATE_AT ": O=Test, CN=Test Intermediate"));
    assert_true(says(v, "up to O=Test, CN=Test Root"));
    assert_string_equal(v->remedies[0].command, "curl -sS '" INTERMEDIATE_AT "' | openssl x509 -inform DER >> fullchain.pem");
    assert_int_equal(v->trust->num_certificates, 2);
}

static void without_leave_nothing_is_asked_for(void **state)
{
    world *w = *state;
    w->given.may_fetch = false;
    const verdict *v = diagnose(w, w->chain.intermediate.der);
    assert_string_equal(v->cause, "cert-chain-incomplete");
    assert_int_equal(v->proof, PROOF_INFERRED);
    assert_int_equal(w->num_asked, 0);
    assert_true(says(v, INTERMEDIATE_AT " (with --fetch"));
}

static void what_is_not_to_be_had_is_said(void **state)
{
    world *w = *state;
    const verdict *v = diagnose(w, bytes_from(NULL, 0));
    assert_string_equal(v->cause, "cert-chain-incomplete");
    assert_int_equal(v->proof, PROOF_INFERRED);
    assert_int_equal(w->num_asked, 1);
    assert_true(says(v, "Nothing could be fetched from " INTERMEDIATE_AT ": the answer was HTTP status 404."));
}

/* A CA of that name with another key: it must not be believed. */
static void a_certificate_of_a_stranger_is_no_issuer(void **state)
{
    world *w = *state;
    issued stranger =
        issue(w->a, &(issue_wish){.organization = "Test", .common_name = "Test Intermediate", .extensions = {CA_EXTENSIONS}});
    const verdict *v = diagnose(w, stranger.der);
    assert_int_equal(v->proof, PROOF_INFERRED);
    assert_false(says(v, "the path is complete"));
    assert_null(v->trust);
    for (size_t i = 0; i < v->num_remedies; i++)
        assert_true(v->remedies[i].command == NULL || strstr(v->remedies[i].command, INTERMEDIATE_AT) == NULL);
    issued_free(&stranger);
}

/* The intermediate's own issuer is one that the client does not trust: it is no forgotten intermediate after all. */
static void what_is_fetched_may_lead_to_a_root_that_is_not_trusted(void **state)
{
    world *w = *state;
    issued other = issue(w->a, &(issue_wish){.organization = "Other", .common_name = "Other Root", .extensions = {CA_EXTENSIONS}});
    w->trust.anchors = &other.der;
    const verdict *v = diagnose(w, w->chain.intermediate.der);
    assert_string_equal(v->cause, "cert-unknown-issuer");
    assert_true(says(v, "issued by O=Test, CN=Test Root"));
    issued_free(&other);
}

static void a_client_that_trusts_nobody_is_not_helped_by_it(void **state)
{
    world *w = *state;
    w->trust.num_anchors = 0;
    (void)diagnose(w, w->chain.intermediate.der);
    assert_int_equal(w->num_asked, 0);
}

int main(void)
{
#define SITUATION(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SITUATION(what_is_fetched_completes_the_path),
        SITUATION(without_leave_nothing_is_asked_for),
        SITUATION(what_is_not_to_be_had_is_said),
        SITUATION(a_certificate_of_a_stranger_is_no_issuer),
        SITUATION(what_is_fetched_may_lead_to_a_root_that_is_not_trusted),
        SITUATION(a_client_that_trusts_nobody_is_not_helped_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
