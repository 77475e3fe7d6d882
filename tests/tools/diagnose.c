/* diagnose HOST PORT HELLO-FILE: sends a hello from a file, and has its failure diagnosed. For developers. */
#include "crypto/key_share.h"
#include "run/inquiry.h"
#include <stdio.h>
#include <stdlib.h>

static bool finished;

static void first_answered(void *user, const answer *answers, size_t num_answers)
{
    (void)num_answers;
    *(answer *)user = answers[0];
    finished = true;
}

static void decided(void *user, inquiry *i)
{
    (void)user;
    (void)i;
    finished = true;
}

static void print_verdict(const verdict *v)
{
    printf("%s (%s): %s\n", v->cause, proof_name(v->proof), v->headline);
    for (size_t i = 0; i < v->num_details; i++)
        printf("  %s\n", v->details[i]);
    for (size_t i = 0; i < v->num_experiments; i++)
        printf("  %-60s %-40s %zu of %zu\n", v->experiments[i].label, v->experiments[i].result, v->experiments[i].agreed,
               v->experiments[i].times);
    for (size_t i = 0; i < v->num_also; i++)
        printf("  also %s\n", v->also[i]);
    printf("  %zu connections, %zu waves, %.3f s\n", v->num_connections, v->num_waves, (double)v->probing_us / 1e6);
}

static bytes_view read_file(arena *a, const char *name)
{
    static uint8_t data[65536];
    FILE *f = fopen(name, "rb");
    size_t len = f == NULL ? 0 : fread(data, 1, sizeof data, f);
    if (f != NULL)
        fclose(f);
    return bytes_copy(a, bytes_from(data, len));
}

int main(int argc, char **argv)
{
    arena *a = arena_new();
    address to;
    client_hello hello;
    error e;
    if (argc != 4 || !address_from_text(argv[1], (uint16_t)atoi(argv[2]), &to) ||
        client_hello_parse(a, read_file(a, argv[3]), &hello) > PARSE_NOTE) {
        fprintf(stderr, "usage: diagnose ADDRESS PORT HELLO-FILE\n");
        return 2;
    }
    loop *l = loop_new(&e);
    prober *p = prober_new(l, &(probe_settings){.timeout_us = 1000000, .at_once_max = 16, .random_bytes = crypto_random_bytes});
    answer first;
    prober_ask(p, a, &(question){.to = to, .hello = &hello}, 1, first_answered, &first);
    while (!finished && loop_run_once(l)) {
    }
    finished = false;
    const char *addresses[] = {argv[1]}, *names[] = {"localhost"};
    evidence given = {.failed = first.conversation,
                      .tcp = TCP_CONNECTED,
                      .port = (uint16_t)atoi(argv[2]),
                      .addresses = addresses,
                      .num_addresses = 1,
                      .names = names,
                      .num_names = 1,
                      .host = "localhost",
                      .host_from = HOST_FROM_ARGUMENT,
                      .command_failed = true};
    inquiry *i =
        inquiry_start(a, l, &given, &(inquiry_target){.addresses = &to, .deadline_us = loop_now_us(l) + 30000000}, decided, NULL);
    while (!finished && loop_run_once(l)) {
    }
    print_verdict(inquiry_verdict(i));
    inquiry_free(i);
    prober_free(p);
    loop_free(l);
    arena_free(a);
    return 0;
}
