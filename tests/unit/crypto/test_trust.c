/* Certificates judged as a client judges them: one situation each, with certificates made here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/trust.h"
#include "issue.h"

#include <stdlib.h>
#include <string.h>

typedef struct world {
    arena *a;
    issued_chain chain;
    bytes_view sent[4];
    bytes_view anchors[2];
    trust_question question;
} world;

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->chain = issue_chain(w->a);
    w->sent[0] = w->chain.leaf.der;
    w->sent[1] = w->chain.intermediate.der;
    w->anchors[0] = w->chain.root.der;
    w->question = (trust_question){
        .sent = w->sent, .num_sent = 2, .anchors = w->anchors, .num_anchors = 1, .now_unix = ISSUE_NOW, .host = "localhost"};
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    issued_chain_free(&w->chain);
    arena_free(w->a);
    free(w);
    return 0;
}

static const trust_judgement *judged(world *w)
{
    return trust_judge(w->a, &w->question);
}

/* The leaf is made anew from the wish, signed by the intermediate. */
static const trust_judgement *judged_with_leaf(world *w, issue_wish wish)
{
    if (wish.issuer == NULL)
        wish.issuer = &w->chain.intermediate;
    issued leaf = issue(w->a, &wish);
    w->sent[0] = leaf.der;
    issued_free(&leaf);
    return judged(w);
}

static const trust_finding *only(const trust_judgement *j, enum trust_kind kind)
{
    assert_int_equal(j->num_findings, 1);
    assert_string_equal(trust_kind_cause(j->findings[0].kind), trust_kind_cause(kind));
    return &j->findings[0];
}

static void a_good_chain_has_nothing_wrong(void **state)
{
    world *w = *state;
    w->question.rules = (trust_rules){.security_level = 2, .is_strict = true, .wants_promised_staple = true, .wants_order = true};
    const trust_judgement *j = judged(w);
    assert_int_equal(j->num_findings, 0);
    assert_int_equal(j->path_len, 3);
    assert_int_equal(j->path[0].position, 0);
    assert_int_equal(j->path[2].position, TRUST_NOT_SENT);
}

static void an_address_in_the_certificate_is_a_name(void **state)
{
    world *w = *state;
    w->question.host = "127.0.0.1";
    assert_int_equal(judged(w)->num_findings, 0);
    w->question.host = "127.0.0.2";
    only(judged(w), TRUST_NAME_MISMATCH);
}

static void an_expired_leaf_is_told_with_its_days(void **state)
{
    world *w = *state;
    w->question.now_unix = ISSUE_NOW;
    const trust_judgement *j = judged_with_leaf(w, (issue_wish){.common_name = "localhost",
                                                                .not_before = -100 * ISSUE_DAY,
                                                                .not_after = -10 * ISSUE_DAY,
                                                                .extensions = {LEAF_EXTENSIONS}});
    const trust_finding *found = only(j, TRUST_EXPIRED);
    assert_int_equal(found->position, 0);
    assert_int_equal(found->days, 10);
    assert_int_equal(found->role, TRUST_LEAF);
    assert_string_equal(found->certificate.not_after_text, "2027-01-05 08:00:00 UTC");
}

static void an_expired_root_is_the_clients_own(void **state)
{
    world *w = *state;
    issued root = issue(w->a, &(issue_wish){.organization = "Old",
                                            .common_name = "Old Root",
                                            .not_before = -100 * ISSUE_DAY,
                                            .not_after = -ISSUE_DAY,
                                            .extensions = {CA_EXTENSIONS}});
    w->anchors[0] = root.der;
    w->question.num_sent = 1;
    const trust_finding *found =
        only(judged_with_leaf(w, (issue_wish){.common_name = "localhost", .issuer = &root, .extensions = {LEAF_EXTENSIONS}}),
             TRUST_EXPIRED);
    assert_int_equal(found->position, TRUST_NOT_SENT);
    assert_int_equal(found->role, TRUST_ROOT);
    issued_free(&root);
}

/* The root as signed by an older one, which is expired; the client trusts both. */
static void a_path_that_was_sent_may_end_at_an_expired_root_for_old_clients(void **state)
{
    world *w = *state;
    issued old = issue(w->a, &(issue_wish){.organization = "Old",
                                           .common_name = "Old Root",
                                           .extensions = {CA_EXTENSIONS},
                                           .not_before = -900 * (int64_t)ISSUE_DAY,
                                           .not_after = -ISSUE_DAY});
    X509 *crossed = X509_dup(w->chain.root.certificate);
    assert_int_equal(X509_set_issuer_name(crossed, X509_get_subject_name(old.certificate)), 1);
    assert_true(X509_sign(crossed, old.key, EVP_sha256()) > 0);
    unsigned char *encoded = NULL;
    int len = i2d_X509(crossed, &encoded);
    w->sent[2] = bytes_copy(w->a, bytes_from(encoded, (size_t)len));
    OPENSSL_free(encoded);
    X509_free(crossed);
    w->question.num_sent = 3;
    w->anchors[1] = old.der;
    w->question.num_anchors = 2;
    assert_int_equal(judged(w)->num_findings, 0);
    w->question.rules.takes_sent_first = true;
    const trust_finding *found = only(judged(w), TRUST_EXPIRED);
    assert_int_equal(found->role, TRUST_ROOT);
    w->question.num_anchors = 1; /* nothing there: another path is looked for ... */
    assert_int_equal(judged(w)->num_findings, 0);
    w->question.rules.takes_no_other = true; /* ... unless it is older still */
    only(judged(w), TRUST_UNKNOWN_ISSUER);
    issued_free(&old);
}

static void a_leaf_of_tomorrow_is_not_yet_valid(void **state)
{
    const trust_judgement *j = judged_with_leaf(*state, (issue_wish){.common_name = "localhost",
                                                                     .not_before = 3 * ISSUE_DAY,
                                                                     .not_after = 9 * ISSUE_DAY,
                                                                     .extensions = {LEAF_EXTENSIONS}});
    assert_int_equal(only(j, TRUST_NOT_YET_VALID)->days, 3);
}

static void other_names_are_listed(void **state)
{
    world *w = *state;
    w->question.host = "example.com";
    assert_string_equal(only(judged(w), TRUST_NAME_MISMATCH)->names, "localhost, 127.0.0.1");
}

static void a_name_in_the_common_name_alone_counts_for_some_clients(void **state)
{
    world *w = *state;
    issue_wish wish = {.common_name = "localhost", .extensions = {{"basicConstraints", "critical,CA:FALSE"}}};
    const trust_finding *found = only(judged_with_leaf(w, wish), TRUST_NAME_MISMATCH);
    assert_non_null(strstr(found->detail, "subjectAltName"));
    w->question.rules.reads_common_name = true;
    assert_int_equal(judged(w)->num_findings, 0);
}

static void a_name_in_the_common_name_does_not_count_beside_others(void **state)
{
    world *w = *state;
    issue_wish wish = {.common_name = "example.com",
                       .extensions = {{"subjectAltName", "DNS:other.example"}, {"basicConstraints", "critical,CA:FALSE"}}};
    w->question.host = "example.com";
    const trust_finding *found = only(judged_with_leaf(w, wish), TRUST_NAME_MISMATCH);
    assert_string_equal(found->names, "other.example");
    assert_non_null(strstr(found->detail, "does not count"));
}

static void a_self_signed_leaf_is_told(void **state)
{
    world *w = *state;
    issued leaf = issue(w->a, &(issue_wish){.common_name = "localhost", .extensions = {{"subjectAltName", "DNS:localhost"}}});
    w->sent[0] = leaf.der;
    w->question.num_sent = 1;
    only(judged(w), TRUST_SELF_SIGNED);
    w->anchors[0] = leaf.der;
    assert_int_equal(judged(w)->num_findings, 0);
    issued_free(&leaf);
}

static void a_missing_intermediate_that_is_known_makes_it_incomplete(void **state)
{
    world *w = *state;
    w->question.num_sent = 1;
    w->question.known = &w->sent[1];
    w->question.num_known = 1;
    const trust_finding *found = only(judged(w), TRUST_INCOMPLETE);
    assert_true(found->is_certain);
    assert_int_equal(found->missing_known, 0);
    assert_string_equal(found->missing, "O=Test, CN=Test Intermediate");
}

static void with_the_known_intermediate_the_anchor_is_named(void **state)
{
    world *w = *state;
    w->question.num_sent = 1;
    w->question.known = &w->sent[1];
    w->question.num_known = 1;
    const trust_finding *found = only(judged(w), TRUST_INCOMPLETE);
    assert_string_equal(found->anchor, "O=Test, CN=Test Root");
    assert_true(bytes_equal(found->anchor_der, w->chain.root.der));
    assert_null(found->to_be_had);
}

/* What is known leads to one more that is not: that one says where to go on. */
static void the_next_issuer_is_to_be_had_where_the_last_known_one_says(void **state)
{
    world *w = *state;
    issued upper = issue(w->a, &(issue_wish){.common_name = "Upper CA", .issuer = &w->chain.root, .extensions = {CA_EXTENSIONS}});
    issued lower = issue(
        w->a, &(issue_wish){.common_name = "Lower CA",
                            .issuer = &upper,
                            .extensions = {CA_EXTENSIONS, {"authorityInfoAccess", "caIssuers;URI:http://pki.example/upper.der"}}});
    bytes_view known[] = {lower.der, upper.der};
    w->question.num_sent = 1;
    w->question.known = known;
    w->question.num_known = 1;
    issue_wish leaf = {
        .common_name = "localhost",
        .issuer = &lower,
        .extensions = {LEAF_EXTENSIONS,
                       {"authorityInfoAccess", "caIssuers;URI:ldap://pki.example/,caIssuers;URI:http://pki.example/lower.der"}}};
    const trust_judgement *j = judged_with_leaf(w, leaf);
    assert_string_equal(j->findings[0].to_be_had, "http://pki.example/upper.der");
    assert_string_equal(j->findings[0].aia, "http://pki.example/lower.der");
    w->question.num_known = 2;
    const trust_finding *found = only(judged_with_leaf(w, leaf), TRUST_INCOMPLETE);
    assert_null(found->to_be_had);
    assert_string_equal(found->anchor, "O=Test, CN=Test Root");
    issued_free(&lower);
    issued_free(&upper);
}

static void a_missing_intermediate_of_a_trusted_organization_is_a_guess(void **state)
{
    world *w = *state;
    w->question.num_sent = 1;
    const trust_finding *found = only(judged(w), TRUST_INCOMPLETE);
    assert_false(found->is_certain);
    assert_string_equal(found->missing, "O=Test, CN=Test Intermediate");
}

static void the_address_of_the_issuer_is_shown(void **state)
{
    world *w = *state;
    issued stranger =
        issue(w->a, &(issue_wish){.organization = "Elsewhere", .common_name = "Issuing CA", .extensions = {CA_EXTENSIONS}});
    w->question.num_sent = 1;
    const trust_judgement *j = judged_with_leaf(
        w, (issue_wish){.common_name = "localhost",
                        .issuer = &stranger,
                        .extensions = {LEAF_EXTENSIONS, {"authorityInfoAccess", "caIssuers;URI:http://pki.example/ca.der"}}});
    const trust_finding *found = only(j, TRUST_INCOMPLETE);
    assert_false(found->is_certain);
    assert_string_equal(found->aia, "http://pki.example/ca.der");
    issued_free(&stranger);
}

static void a_root_that_nobody_knows_is_an_unknown_issuer(void **state)
{
    world *w = *state;
    issued stranger =
        issue(w->a, &(issue_wish){.organization = "Elsewhere", .common_name = "Private Root", .extensions = {CA_EXTENSIONS}});
    w->question.num_sent = 1;
    const trust_finding *found =
        only(judged_with_leaf(w, (issue_wish){.common_name = "localhost", .issuer = &stranger, .extensions = {LEAF_EXTENSIONS}}),
             TRUST_UNKNOWN_ISSUER);
    assert_string_equal(found->missing, "O=Elsewhere, CN=Private Root");
    w->sent[1] = stranger.der; /* the root is sent as well */
    w->question.num_sent = 2;
    found = only(judged(w), TRUST_UNKNOWN_ISSUER);
    assert_string_equal(found->certificate.subject, "O=Elsewhere, CN=Private Root");
    assert_int_equal(found->position, 1);
    issued_free(&stranger);
}

static void an_issuer_of_that_name_with_another_key_is_unknown(void **state)
{
    world *w = *state;
    issued namesake = issue(w->a, &(issue_wish){.organization = "Test",
                                                .common_name = "Test Root",
                                                .extensions = {{"basicConstraints", "critical,CA:TRUE"}}});
    issued intermediate = issue(w->a, &(issue_wish){.organization = "Test",
                                                    .common_name = "Plain CA",
                                                    .issuer = &w->chain.root,
                                                    .extensions = {{"basicConstraints", "critical,CA:TRUE"}}});
    w->anchors[0] = namesake.der;
    w->sent[1] = intermediate.der;
    const trust_judgement *j = judged_with_leaf(
        w, (issue_wish){.common_name = "localhost", .issuer = &intermediate, .extensions = {{"subjectAltName", "DNS:localhost"}}});
    assert_non_null(strstr(only(j, TRUST_UNKNOWN_ISSUER)->detail, "key did not sign"));
    issued_free(&namesake);
    issued_free(&intermediate);
}

static void a_small_key_is_weak_at_level_2_only(void **state)
{
    world *w = *state;
    w->question.rules.security_level = 2;
    const trust_finding *found =
        only(judged_with_leaf(w, (issue_wish){.common_name = "localhost", .rsa_bits = 1024, .extensions = {LEAF_EXTENSIONS}}),
             TRUST_WEAK);
    assert_string_equal(found->detail, "its RSA key has 1024 bits, security level 2 wants 2048");
    w->question.rules.security_level = 1;
    assert_int_equal(judged(w)->num_findings, 0);
}

static void sha1_is_weak_but_for_old_clients(void **state)
{
    world *w = *state;
    w->question.rules.security_level = 1;
    const trust_finding *found =
        only(judged_with_leaf(w, (issue_wish){.common_name = "localhost", .with_sha1 = true, .extensions = {LEAF_EXTENSIONS}}),
             TRUST_WEAK);
    assert_non_null(strstr(found->detail, "SHA1"));
    w->question.rules.takes_sha1 = true;
    assert_int_equal(judged(w)->num_findings, 0);
}

static void a_certificate_for_clients_is_of_the_wrong_purpose(void **state)
{
    const trust_judgement *j = judged_with_leaf(
        *state, (issue_wish){.common_name = "localhost",
                             .extensions = {{"extendedKeyUsage", "clientAuth"}, {"subjectAltName", "DNS:localhost"}}});
    assert_non_null(strstr(only(j, TRUST_WRONG_PURPOSE)->detail, "clientAuth"));
}

static void an_issuer_that_is_no_ca_is_told(void **state)
{
    world *w = *state;
    issued no_ca = issue(w->a, &(issue_wish){.organization = "Test",
                                             .common_name = "No CA",
                                             .issuer = &w->chain.root,
                                             .extensions = {{"basicConstraints", "critical,CA:FALSE"}}});
    w->sent[1] = no_ca.der;
    const trust_finding *found =
        &judged_with_leaf(
             w, (issue_wish){.common_name = "localhost", .issuer = &no_ca, .extensions = {{"subjectAltName", "DNS:localhost"}}})
             ->findings[0];
    assert_int_equal(found->kind, TRUST_WRONG_PURPOSE);
    assert_int_equal(found->position, 1);
    assert_non_null(strstr(found->detail, "no CA"));
    issued_free(&no_ca);
}

static void name_constraints_are_told(void **state)
{
    world *w = *state;
    issued bound =
        issue(w->a, &(issue_wish){.organization = "Test",
                                  .common_name = "Bound CA",
                                  .issuer = &w->chain.root,
                                  .extensions = {CA_EXTENSIONS, {"nameConstraints", "critical,permitted;DNS:example.org"}}});
    w->sent[1] = bound.der;
    const trust_judgement *j = judged_with_leaf(
        w, (issue_wish){.common_name = "localhost", .issuer = &bound, .extensions = {{"subjectAltName", "DNS:localhost"}}});
    assert_non_null(strstr(only(j, TRUST_WRONG_PURPOSE)->detail, "name constraints"));
    issued_free(&bound);
}

static void a_missing_key_identifier_matters_to_strict_clients(void **state)
{
    world *w = *state;
    issue_wish wish = {.common_name = "localhost", .extensions = {{"subjectAltName", "DNS:localhost"}}};
    assert_int_equal(judged_with_leaf(w, wish)->num_findings, 0);
    w->question.rules.is_strict = true;
    assert_non_null(strstr(only(judged(w), TRUST_MALFORMED)->detail, "Authority Key Identifier"));
}

static void the_leaf_that_is_not_first_is_found(void **state)
{
    world *w = *state;
    w->sent[0] = w->chain.intermediate.der;
    w->sent[1] = w->chain.leaf.der;
    const trust_judgement *j = judged(w);
    assert_int_equal(only(j, TRUST_MISORDERED)->position, 1);
    assert_true(j->is_out_of_order);
}

static void other_certificates_may_come_in_any_order(void **state)
{
    world *w = *state;
    w->sent[1] = w->chain.root.der;
    w->sent[2] = w->chain.intermediate.der;
    w->question.num_sent = 3;
    const trust_judgement *j = judged(w);
    assert_int_equal(j->num_findings, 0);
    assert_true(j->is_out_of_order);
    w->question.rules.wants_order = true;
    only(judged(w), TRUST_MISORDERED);
}

static void a_promised_staple_that_is_missing_is_told(void **state)
{
    world *w = *state;
    issue_wish wish = {.common_name = "localhost", .extensions = {LEAF_EXTENSIONS, {"tlsfeature", "status_request"}}};
    w->question.rules.wants_promised_staple = true;
    assert_int_equal(judged_with_leaf(w, wish)->num_findings, 0); /* it was not seen */
    w->question.is_staple_known = true;
    assert_non_null(strstr(only(judged(w), TRUST_STAPLE_MISSING)->detail, "must-staple"));
}

static void a_revoked_certificate_is_told_with_its_day(void **state)
{
    world *w = *state;
    bytes_view list = issue_revocation(w->a, &w->chain.intermediate, w->chain.leaf.certificate);
    w->question.revocations = &list;
    w->question.num_revocations = 1;
    assert_non_null(strstr(only(judged(w), TRUST_REVOKED)->detail, "2027-01-14"));
}

static void a_revocation_list_of_a_stranger_says_nothing(void **state)
{
    world *w = *state;
    bytes_view list = issue_revocation(w->a, &w->chain.root, w->chain.leaf.certificate);
    w->question.revocations = &list;
    w->question.num_revocations = 1;
    assert_int_equal(judged(w)->num_findings, 0);
}

static void a_message_above_the_limit_is_too_large(void **state)
{
    world *w = *state;
    w->question.rules.certificate_message_len_max = 600;
    assert_non_null(strstr(only(judged(w), TRUST_TOO_LARGE)->detail, "600 bytes"));
}

static void several_faults_come_in_order(void **state)
{
    world *w = *state;
    issued stranger =
        issue(w->a, &(issue_wish){.organization = "Elsewhere", .common_name = "Private Root", .extensions = {CA_EXTENSIONS}});
    w->question.num_sent = 1;
    w->question.host = "example.com";
    const trust_judgement *j = judged_with_leaf(w, (issue_wish){.common_name = "localhost",
                                                                .issuer = &stranger,
                                                                .not_before = -9 * ISSUE_DAY,
                                                                .not_after = -ISSUE_DAY,
                                                                .extensions = {LEAF_EXTENSIONS}});
    assert_int_equal(j->num_findings, 3);
    assert_int_equal(j->findings[0].kind, TRUST_UNKNOWN_ISSUER);
    assert_non_null(trust_finding_of(j, TRUST_EXPIRED));
    assert_non_null(trust_finding_of(j, TRUST_NAME_MISMATCH));
    w->question.rules = (trust_rules){.judges_leaf_first = true};
    j = judged(w);
    assert_int_equal(j->findings[0].kind, TRUST_EXPIRED);
    assert_int_equal(j->findings[1].kind, TRUST_NAME_MISMATCH);
    assert_int_equal(j->findings[2].kind, TRUST_UNKNOWN_ISSUER);
    w->question.rules = (trust_rules){.compares_names_last = true};
    j = judged(w);
    assert_int_equal(j->findings[0].kind, TRUST_UNKNOWN_ISSUER);
    assert_int_equal(j->findings[2].kind, TRUST_NAME_MISMATCH);
    issued_free(&stranger);
}

static void nothing_sent_is_judged_too(void **state)
{
    world *w = *state;
    w->question.num_sent = 0;
    assert_int_equal(judged(w)->num_findings, 0);
}

static void bytes_that_are_no_certificate_are_malformed(void **state)
{
    world *w = *state;
    w->sent[0] = bytes_from_text("no certificate");
    assert_int_equal(only(judged(w), TRUST_MALFORMED)->position, 0);
}

static void two_that_sign_each_other_come_to_an_end(void **state)
{
    world *w = *state;
    issued one = issue(w->a, &(issue_wish){.common_name = "One", .extensions = {CA_EXTENSIONS}});
    issued other = issue(w->a, &(issue_wish){.common_name = "Other", .issuer = &one, .extensions = {CA_EXTENSIONS}});
    issued back = {.key = one.key};
    X509 *again = X509_dup(one.certificate);
    X509_set_issuer_name(again, X509_get_subject_name(other.certificate));
    assert_true(X509_sign(again, other.key, EVP_sha256()) > 0);
    unsigned char *encoded = NULL;
    int len = i2d_X509(again, &encoded);
    back.der = bytes_from(encoded, (size_t)len);
    w->sent[1] = back.der;
    w->sent[2] = other.der;
    w->question.num_sent = 3;
    const trust_judgement *j =
        judged_with_leaf(w, (issue_wish){.common_name = "localhost", .issuer = &one, .extensions = {LEAF_EXTENSIONS}});
    assert_true(j->num_findings > 0);
    OPENSSL_free(encoded);
    X509_free(again);
    issued_free(&one);
    issued_free(&other);
}

static void ten_thousand_certificates_are_judged(void **state)
{
    enum { MANY = 10000 };
    world *w = *state;
    bytes_view *many = ARENA_ARRAY(w->a, MANY, bytes_view);
    for (size_t i = 0; i < MANY; i++)
        many[i] = i == 0 ? w->chain.leaf.der : i % 2 == 0 ? w->chain.intermediate.der : w->chain.root.der;
    w->question.sent = many;
    w->question.num_sent = MANY;
    w->question.rules.certificate_message_len_max = 100 * 1024;
    const trust_judgement *j = judged(w);
    assert_int_equal(j->findings[0].kind, TRUST_TOO_LARGE);
    assert_int_equal(j->num_sent, MANY);
}

static void a_long_subject_is_cut_and_a_nul_is_shown(void **state)
{
    world *w = *state;
    enum { LONG = 65536 };
    char *text = arena_alloc(w->a, LONG + 1);
    for (size_t i = 0; i < LONG; i++)
        text[i] = 'x';
    const trust_judgement *j =
        judged_with_leaf(w, (issue_wish){.common_name = text, .not_before = -9, .not_after = -5, .extensions = {LEAF_EXTENSIONS}});
    const trust_finding *found = trust_finding_of(j, TRUST_EXPIRED);
    assert_non_null(found);
    assert_true(strlen(found->certificate.subject) < 400);
    assert_non_null(strstr(found->certificate.subject, "bytes)"));
    j = judged_with_leaf(w, (issue_wish){.common_name = "localhost\0.evil.example",
                                         .common_name_len = 23,
                                         .extensions = {{"basicConstraints", "critical,CA:FALSE"}}});
    found = trust_finding_of(j, TRUST_NAME_MISMATCH);
    assert_non_null(found);
    assert_string_equal(found->names, "localhost\\0.evil.example");
}

int main(void)
{
#define SITUATION(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SITUATION(a_good_chain_has_nothing_wrong),
        SITUATION(an_address_in_the_certificate_is_a_name),
        SITUATION(an_expired_leaf_is_told_with_its_days),
        SITUATION(an_expired_root_is_the_clients_own),
        SITUATION(a_path_that_was_sent_may_end_at_an_expired_root_for_old_clients),
        SITUATION(a_leaf_of_tomorrow_is_not_yet_valid),
        SITUATION(other_names_are_listed),
        SITUATION(a_name_in_the_common_name_alone_counts_for_some_clients),
        SITUATION(a_name_in_the_common_name_does_not_count_beside_others),
        SITUATION(a_self_signed_leaf_is_told),
        SITUATION(a_missing_intermediate_that_is_known_makes_it_incomplete),
        SITUATION(with_the_known_intermediate_the_anchor_is_named),
        SITUATION(the_next_issuer_is_to_be_had_where_the_last_known_one_says),
        SITUATION(a_missing_intermediate_of_a_trusted_organization_is_a_guess),
        SITUATION(the_address_of_the_issuer_is_shown),
        SITUATION(a_root_that_nobody_knows_is_an_unknown_issuer),
        SITUATION(an_issuer_of_that_name_with_another_key_is_unknown),
        SITUATION(a_small_key_is_weak_at_level_2_only),
        SITUATION(sha1_is_weak_but_for_old_clients),
        SITUATION(a_certificate_for_clients_is_of_the_wrong_purpose),
        SITUATION(an_issuer_that_is_no_ca_is_told),
        SITUATION(name_constraints_are_told),
        SITUATION(a_missing_key_identifier_matters_to_strict_clients),
        SITUATION(the_leaf_that_is_not_first_is_found),
        SITUATION(other_certificates_may_come_in_any_order),
        SITUATION(a_promised_staple_that_is_missing_is_told),
        SITUATION(a_revoked_certificate_is_told_with_its_day),
        SITUATION(a_revocation_list_of_a_stranger_says_nothing),
        SITUATION(a_message_above_the_limit_is_too_large),
        SITUATION(several_faults_come_in_order),
        SITUATION(nothing_sent_is_judged_too),
        SITUATION(bytes_that_are_no_certificate_are_malformed),
        SITUATION(two_that_sign_each_other_come_to_an_end),
        SITUATION(ten_thousand_certificates_are_judged),
        SITUATION(a_long_subject_is_cut_and_a_nul_is_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
