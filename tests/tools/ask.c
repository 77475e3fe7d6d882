/*
 * For developers: sends a hello from a file to a server through the prober, and prints what came of it.
 *     ask HOST PORT HELLOFILE [TIMES]
 */
#include "crypto/key_share.h"
#include "probe/probe.h"

#include <stdio.h>
#include <stdlib.h>

#define HELLO_LEN_MAX ((size_t)256 * 1024)

static const char *const kinds[] = {"accepted", "retry", "alert",     "encrypted alert", "closed",           "reset",
                                    "silence",  "plain", "malformed", "not connected",   "preamble refused", "failed"};

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

static bool ask(arena *a, const address *to, const client_hello *hello, size_t times)
{
    error e;
    loop *l = loop_new(&e);
    if (l == NULL) {
        fprintf(stderr, "%s\n", e.message);
        return false;
    }
    prober *p = prober_new(l, &(probe_settings){.random_bytes = crypto_random_bytes});
    question *questions = ARENA_ARRAY(a, times, question);
    for (size_t i = 0; i < times; i++)
        questions[i] = (question){.to = *to, .hello = hello};
    wave w = {.arena = a};
    prober_ask(p, a, questions, times, print_answers, &w);
    while (!w.is_done && loop_run_once(l))
        continue;
    printf("%zu connections\n", prober_num_connections(p));
    prober_free(p);
    loop_free(l);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: ask HOST PORT HELLOFILE [TIMES]\n");
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
        asked = ask(a, &addresses[0], &hello, argc > 4 ? (size_t)atoi(argv[4]) : 1);
    arena_free(a);
    return asked ? 0 : 1;
}
