/* Writes reports of many kinds as JSON into a folder, for check_schema.py: render FOLDER */
#include "certificate.h"
#include "sample.h"
#include <stdio.h>
#include <string.h>

static report_connection *first_of(report *r)
{
    return &r->connections[0];
}

static report *with_verdict(arena *a, report *r, const char *cause, enum proof proof)
{
    verdict *v = ARENA_NEW(a, verdict);
    *v = *first_of(r)->verdict;
    v->cause = cause, v->proof = proof;
    first_of(r)->verdict = v;
    return r;
}

static report *unknown_report(arena *a)
{
    return with_verdict(a, sample_report(a, "api.example.com"), "unknown", PROOF_NONE);
}

static report *working_report(arena *a)
{
    report *r = sample_report(a, "api.example.com");
    first_of(r)->outcome = OUTCOME_OK;
    first_of(r)->verdict = NULL;
    r->exit_status = 0;
    return r;
}

/* No connection came about: no hello, no address, no process. */
static report *nameless_report(arena *a)
{
    report *r = with_verdict(a, sample_report(a, "no-such-host.invalid"), "dns-failed", PROOF_OBSERVED);
    evidence *e = ARENA_NEW(a, evidence);
    *e = (evidence){.tcp = TCP_NO_NAME, .host = "no-such-host.invalid", .host_from = HOST_FROM_ARGUMENT};
    *first_of(r) = (report_connection){.evidence = e, .outcome = OUTCOME_FAILED, .verdict = first_of(r)->verdict};
    return r;
}

static report *killed_report(arena *a)
{
    report *r = sample_report(a, "api.example.com");
    r->exit_status = -1, r->signal_number = 9;
    r->connections[1] = *first_of(r);
    r->connections[1].same_as = 1;
    r->num_connections = 2;
    return r;
}

static report *certificates_report(arena *a)
{
    report *r = with_verdict(a, sample_report(a, "api.example.com"), "sni-missing", PROOF_EXPERIMENT);
    verdict *v = ARENA_NEW(a, verdict);
    *v = *first_of(r)->verdict;
    v->certificates = ARENA_ARRAY(a, 3, bytes_view);
    v->certificates[v->num_certificates++] = make_certificate(a, bytes_from_text("CA"), "DNS:example.com,IP:2001:db8::1");
    v->certificates[v->num_certificates++] = bytes_from_text("no certificate");
    v->certificates[v->num_certificates++] = bytes_from(NULL, 0);
    first_of(r)->verdict = v;
    return r;
}

static report *hostile_report(arena *a)
{
    report *r = sample_report(a, "\xFF\033[2J\xE2\x80\xAE\"\\");
    first_of(r)->exe = "/tmp/\xFE\n";
    return r;
}

static report *empty_report(arena *a)
{
    report *r = ARENA_NEW(a, report);
    static const char *const argv[] = {"true", NULL};
    *r = (report){.argv = argv, .started_unix = 0};
    return r;
}

static bool write_one(arena *a, const char *folder, const char *name, const report *r)
{
    FILE *to = fopen(arena_printf(a, "%s/%s.json", folder, name), "w");
    if (to == NULL)
        return false;
    bool written = fputs(report_to_json(a, r), to) != EOF;
    return fclose(to) == 0 && written;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        report *(*make)(arena *);
    } kinds[] = {{"unknown", unknown_report},           {"working", working_report},
                 {"nameless", nameless_report},         {"killed", killed_report},
                 {"certificates", certificates_report}, {"hostile", hostile_report},
                 {"long", sample_long_report},          {"empty", empty_report}};
    bool all = argc == 2;
    for (size_t i = 0; all && i < sizeof kinds / sizeof *kinds; i++) {
        arena *a = arena_new();
        all = write_one(a, argv[1], kinds[i].name, kinds[i].make(a));
        arena_free(a);
    }
    return all ? 0 : 1;
}
