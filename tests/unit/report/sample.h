/* A run with one failure, made by hand. Ownership: lives in the arena given. */
#ifndef TLSWHY_TESTS_REPORT_SAMPLE_H
#define TLSWHY_TESTS_REPORT_SAMPLE_H

#include "registry/registry.h"
#include "report/report.h"

/* The story: a client with TLS 1.0 at most, a server with TLS 1.2. `name` is what the client sent as SNI, hostile or not. */
static inline report *sample_report(arena *a, const char *name)
{
    static const uint16_t suites[] = {0x002F, 0x0035}, accepted[] = {VERSION_TLS12, VERSION_TLS13},
                          refused[] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11};
    static const char *addresses[] = {"192.0.2.7"};
    static const char *const argv[] = {"node", "fetch.js", NULL};
    conversation *c = ARENA_NEW(a, conversation);
    *c = (conversation){.arena = a, .client_spoke_tls = true, .has_hello = true, .phase = PHASE_CLIENT_HELLO};
    c->hello =
        (client_hello){.record_version = VERSION_TLS10, .legacy_version = VERSION_TLS10, .cipher_suites = codes_from(a, suites, 2)};
    c->events[c->num_events++] = (event){.at_us = 1000, .side = SIDE_CLIENT, .kind = EVENT_CLIENT_HELLO, .len = 120};
    c->events[c->num_events++] =
        (event){.at_us = 21300, .side = SIDE_SERVER, .kind = EVENT_ALERT, .code = 70, .level = ALERT_FATAL, .len = 2};
    c->has_alert[SIDE_SERVER] = true;
    c->alerts[SIDE_SERVER] = (alert){.level = ALERT_FATAL, .description = 70};
    evidence *e = ARENA_NEW(a, evidence);
    *e = (evidence){.failed = c, .host = name, .host_from = HOST_FROM_SNI, .port = 443, .addresses = addresses, .num_addresses = 1};
    verdict *v = ARENA_NEW(a, verdict);
    *v = (verdict){.cause = "client-version-too-old",
                   .where = WHERE_CLIENT,
                   .proof = PROOF_EXPERIMENT,
                   .num_connections = 24,
                   .probing_us = 210000};
    v->headline = "The client is too old for this server: it offers TLS 1.0 at most, the server wants TLS 1.2 or later.";
    v->server_versions = codes_from(a, accepted, 2);
    v->server_versions_refused = codes_from(a, refused, 3);
    v->experiments = ARENA_ARRAY(a, 2, experiment);
    v->experiments[v->num_experiments++] =
        (experiment){"none", "the client's hello, unchanged", "alert protocol_version (70)", 5, 5, {0}};
    v->experiments[v->num_experiments++] =
        (experiment){"offer TLS 1.2", "the same, offering TLS 1.2", "ServerHello TLS 1.2", 5, 5, {0}};
    v->remedies = ARENA_ARRAY(a, 1, remedy);
    v->remedies[v->num_remedies++] = (remedy){.who = REMEDY_CLIENT, .text = "Use a newer Node.js.", .command = "node --version"};
    report *r = ARENA_NEW(a, report);
    *r = (report){.argv = argv, .exit_status = 1, .started_unix = 1795446000};
    r->connections = ARENA_ARRAY(a, 2, report_connection);
    r->connections[r->num_connections++] = (report_connection){
        .evidence = e, .address = "192.0.2.7", .pid = 4242, .exe = "/usr/bin/node", .outcome = OUTCOME_FAILED, .verdict = v};
    return r;
}

/* All that a verdict may carry, each thing longer than is kind to a terminal. */
static inline report *sample_long_report(arena *a)
{
    static const uint16_t accepted[] = {VERSION_TLS12}, refused[] = {VERSION_TLS13};
    static const char *also[] = {"no-shared-signature-algorithm", "record-version-intolerance", "hello-size-intolerance"};
    static const char *details[] = {
        "The server accepts these cipher suites: ECDHE-RSA-AES128-GCM-SHA256, ECDHE-RSA-AES256-GCM-SHA384."};
    report *r = sample_report(a, "a-name-that-is-rather-long.department.organization.example.com");
    verdict *v = ARENA_NEW(a, verdict);
    *v = *r->connections[0].verdict;
    v->server_versions = codes_from(a, accepted, 1);
    v->server_versions_refused = codes_from(a, refused, 1);
    v->also = also, v->num_also = 3;
    v->details = details, v->num_details = 1;
    v->why = (why){WHY_POLICY, "The policy of this machine wants TLS 1.2 at least, and its library follows it.",
                   "/etc/ssl/openssl.cnf", 42, false};
    v->experiments = ARENA_ARRAY(a, 2, experiment), v->num_experiments = 0;
    v->experiments[v->num_experiments++] =
        (experiment){"none", "the client's hello, unchanged", "closed without an answer (reset, RST)", 40, 39, {0}};
    v->experiments[v->num_experiments++] = (experiment){
        "x", "the same, offering TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 and secp521r1 besides", "ServerHello TLS 1.2", 40, 40,
        {0}};
    v->seen = ARENA_ARRAY(a, 2, seen);
    v->seen[v->num_seen++] = (seen){"2001:db8:1234:5678:9abc:def0:1234:5678", 39, 1, 0, 40};
    v->seen[v->num_seen++] = (seen){"192.0.2.7", 0, 40, 0, 40};
    v->remedies = ARENA_ARRAY(a, 1, remedy), v->num_remedies = 0;
    v->remedies[v->num_remedies++] =
        (remedy){.who = REMEDY_SYSTEM,
                 .text = "Let this program alone use the older version, by a configuration of its own.",
                 .lowers_security = LOWERS_THIS_PROGRAM};
    r->connections[0].verdict = v;
    r->not_observed = ARENA_ARRAY(a, 1, report_unobserved);
    r->not_observed[r->num_not_observed++] = (report_unobserved){"HTTP/3 (UDP port 443)", 4242, "/usr/bin/node", "192.0.2.7"};
    r->notes = ARENA_ARRAY(a, 1, const char *);
    r->notes[r->num_notes++] = "Only the first 16 failures were examined, since the command made very many connections.";
    return r;
}

#endif
