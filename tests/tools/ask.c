/*
 * For developers: sends a hello from a file to a server through the prober, and prints what came of it.
 *     ask HOST PORT HELLOFILE [TIMES [DEPTH]]      DEPTH: hello, flight or finish; with keys of ours in its key shares
 */
#include "crypto/certificate.h"
#include "crypto/key_share.h"
#include "diagnose/own_keys.h"
#include "probe/probe.h"
#include "registry/registry.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HELLO_LEN_MAX ((size_t)256 * 1024)

static const char *const kinds[] = {"accepted", "retry", "alert",     "encrypted alert", "closed",           "reset",
                                    "silence",  "plain", "malformed", "not connected",   "preamble refused", "failed"};

static void print_certificates(arena *a, const server_flight *f)
{
    for (size_t i = 0; i < f->certificates.num_certificates; i++) {
        certificate_summary one;
        if (certificate_summarise(a, f->certificates.certificates[i], &one))
            printf("    certificate %zu: %s, issued by %s, until %s\n", i, text_escape(a, bytes_from_text(one.subject), 200),
                   text_escape(a, bytes_from_text(one.issuer), 200), one.not_after_text);
        else
            printf("    certificate %zu: cannot be read\n", i);
    }
}

static void print_flight(arena *a, const server_flight *f)
{
    printf("    flight %s%s%s\n", f->is_read ? "read" : "not read", f->why_not == NULL ? "" : ": ",
           f->why_not == NULL ? "" : f->why_not);
    print_certificates(a, f);
    if (f->has_certificate_verify)
        printf("    signed with 0x%04x, %s\n", f->signature_scheme, f->signature_is_right ? "rightly" : "WRONGLY");
    if (f->has_certificate_request)
        printf("    wants a certificate, of %zu issuers\n", f->certificate_request.num_authorities);
    if (f->has_finished)
        printf("    Finished, %s\n", f->finished_is_right ? "right" : "WRONG");
    if (f->sent_finished)
        printf("    ours went out; then %zu tickets%s\n", f->num_tickets, f->has_data ? ", data" : "");
    if (f->has_alert)
        printf("    alert %s\n", alert_name(a, f->alert.description));
    for (size_t i = 0; i < f->findings.num_findings; i++)
        printf("    note: %s\n", f->findings.findings[i].text);
}

static void print_answer(arena *a, const answer *came)
{
    const conversation *c = came->conversation;
    printf("%s", kinds[came->kind]);
    if (came->kind == ANSWER_ALERT)
        printf(" %u", came->alert.description);
    if (came->kind == ANSWER_NOT_CONNECTED)
        printf(" errno %d", came->connect_errno);
    if (c != NULL && c->has_retry_request)
        printf(", retry for group 0x%04x", c->retry_request.group);
    if (c != NULL && c->has_server_hello)
        printf(", version 0x%04x suite 0x%04x group 0x%04x", c->server_hello.version, c->server_hello.cipher_suite,
               c->server_hello.group);
    if (c != NULL && c->has_server_key_exchange)
        printf(" (key exchange group 0x%04x)", c->server_key_exchange.group);
    if (came->kind == ANSWER_PLAIN)
        printf(", first bytes %s", bytes_to_hex(a, bytes_slice(c->server_first_bytes, 0, 32)));
    printf(", connected in %lld us, all in %lld us%s%s\n", (long long)came->connect_us, (long long)came->total_us,
           came->problem == NULL ? "" : ": ", came->problem == NULL ? "" : came->problem);
    if (came->flight != NULL)
        print_flight(a, came->flight);
}

static bool read_hello(arena *a, const char *path, client_hello *out)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        perror(path);
        return false;
    }
    uint8_t *bytes = arena_alloc(a, HELLO_LEN_MAX);
    size_t len = fread(bytes, 1, HELLO_LEN_MAX, file);
    (void)fclose(file);
    enum parse_status status = client_hello_parse_ended(a, bytes_from(bytes, len), out);
    if (status == PARSE_DONE || status == PARSE_NOTE)
        return true;
    fprintf(stderr, "%s: no hello\n", path);
    return false;
}

typedef struct wave {
    arena *arena;
    bool is_done;
} wave;

static void print_answers(void *user, const answer *answers, size_t num_answers)
{
    wave *w = user;
    for (size_t i = 0; i < num_answers; i++)
        print_answer(w->arena, &answers[i]);
    w->is_done = true;
}

static void print_key(void *user, const char *line)
{
    (void)user;
    printf("    %s\n", line);
}

static bool own_share(void *user, arena *a, uint16_t group, bytes_view *out)
{
    return key_ring_share(user, a, group, out);
}

static bool ask(arena *a, const address *to, const client_hello *hello, size_t times, enum question_depth depth)
{
    error e;
    loop *l = loop_new(&e);
    if (l == NULL) {
        fprintf(stderr, "%s\n", e.message);
        return false;
    }
    prober *p = prober_new(l, &(probe_settings){.random_bytes = crypto_random_bytes});
    question *questions = ARENA_ARRAY(a, times, question);
    key_ring *keys = key_ring_new();
    diagnosis_tools tools = {.random_bytes = crypto_random_bytes, .make_key_share = own_share, .user = keys};
    client_hello own = *hello;
    if (depth != DEPTH_HELLO && !hello_with_own_keys(a, &tools, hello, &own))
        printf("a group of its key shares cannot be made here\n");
    key_ring_log_to(keys, print_key, NULL);
    for (size_t i = 0; i < times; i++)
        questions[i] = (question){.to = *to, .hello = &own, .depth = depth, .keys = keys};
    wave w = {.arena = a};
    prober_ask(p, a, questions, times, print_answers, &w);
    while (!w.is_done && loop_run_once(l))
        continue;
    printf("%zu connections\n", prober_num_connections(p));
    prober_free(p);
    key_ring_free(keys);
    loop_free(l);
    return true;
}

static enum question_depth depth_of(const char *word)
{
    if (strcmp(word, "finish") == 0)
        return DEPTH_FINISH;
    return strcmp(word, "flight") == 0 ? DEPTH_FLIGHT : DEPTH_HELLO;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: ask HOST PORT HELLOFILE [TIMES [DEPTH]]\n");
        return 2;
    }
    arena *a = arena_new();
    client_hello hello;
    address *addresses;
    size_t num_addresses;
    const char *text;
    bool asked = false;
    if (address_lookup(a, argv[1], (uint16_t)atoi(argv[2]), 5000, &addresses, &num_addresses, &text) != LOOKUP_FOUND)
        fprintf(stderr, "%s: %s\n", argv[1], text);
    else if (read_hello(a, argv[3], &hello))
        asked = ask(a, &addresses[0], &hello, argc > 4 ? (size_t)atoi(argv[4]) : 1, argc > 5 ? depth_of(argv[5]) : DEPTH_HELLO);
    arena_free(a);
    return asked ? 0 : 1;
}
