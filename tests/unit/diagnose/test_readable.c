/* Two answers to one hello, with and without a group whose keys cannot be made here: what is said of how they differ. */
#include "../with_arena.h"

#include "diagnose/engine.h"
#include "registry/registry.h"

#include <string.h>

enum { AES_128_GCM = 0x1301, AES_256_GCM = 0x1302, X25519MLKEM768 = 0x11ec, CERTIFICATE_LEN = 1800, NUM_SEPARATE = 4 };

/* A flight under protection: EncryptedExtensions, Certificate, CertificateVerify and Finished, or all in one record. */
static conversation *answer_with(arena *a, uint16_t version, uint16_t suite, size_t certificate_len, bool are_shared)
{
    static const size_t separate[NUM_SEPARATE] = {27, 0, 281, 69};
    conversation *c = ARENA_NEW(a, conversation);
    c->has_server_hello = true;
    c->server_hello.version = version;
    c->server_hello.cipher_suite = suite;
    c->server_hello.group = X25519MLKEM768;
    for (size_t i = 0; i < (are_shared ? 1 : NUM_SEPARATE); i++)
        c->events[c->num_events++] = (event){
            .side = SIDE_SERVER, .kind = EVENT_PROTECTED_RECORD, .len = are_shared || i == 1 ? certificate_len : separate[i]};
    return c;
}

static diagnosis *two(arena *a, conversation *one, conversation *other)
{
    diagnosis *d = ARENA_NEW(a, diagnosis);
    d->arena = a;
    d->control.last.conversation = one;
    d->readable.last.conversation = other;
    d->readable.asked = other == NULL ? 0 : 1;
    return d;
}

static void demand(diagnosis *d, bool differs, const char *told)
{
    assert_true(readable_differs(d) == differs);
    tell_readable(d);
    assert_int_equal(d->verdict.num_details, told == NULL ? 0 : 1);
    if (told != NULL)
        assert_non_null(strstr(d->verdict.details[0], told));
}

static conversation *usual(arena *a, size_t certificate_len)
{
    return answer_with(a, VERSION_TLS13, AES_128_GCM, certificate_len, false);
}

static void the_same_twice_is_said_to_have_been_read(void **state)
{
    arena *a = *state;
    diagnosis *d = two(a, usual(a, CERTIFICATE_LEN), usual(a, CERTIFICATE_LEN));
    demand(d, false,
           "X25519MLKEM768, whose keys cannot be computed here. Asked without it, its ServerHello is the same then, and its "
           "certificates have the same size");
}

static void another_suite_is_another_answer(void **state)
{
    arena *a = *state;
    demand(two(a, usual(a, CERTIFICATE_LEN), answer_with(a, VERSION_TLS13, AES_256_GCM, CERTIFICATE_LEN, false)), true,
           "TLS_AES_256_GCM_SHA384 in the place of TLS 1.3 and TLS_AES_128_GCM_SHA256");
}

static void another_version_is_another_answer(void **state)
{
    arena *a = *state;
    demand(two(a, usual(a, CERTIFICATE_LEN), answer_with(a, VERSION_TLS12, AES_128_GCM, CERTIFICATE_LEN, false)), true,
           "TLS 1.2 and ");
}

static void larger_certificates_are_other_certificates(void **state)
{
    arena *a = *state;
    demand(two(a, usual(a, CERTIFICATE_LEN), usual(a, CERTIFICATE_LEN + 7)), true,
           "1807 bytes then, and 1800 for the client's own hello: it sends other certificates");
    demand(two(a, usual(a, CERTIFICATE_LEN + 7), usual(a, CERTIFICATE_LEN)), true, "1800 bytes then, and 1807");
}

static void a_signature_may_vary_by_some_bytes(void **state)
{
    arena *a = *state;
    demand(two(a, usual(a, CERTIFICATE_LEN), usual(a, CERTIFICATE_LEN + 6)), false, "have the same size");
}

static void one_record_for_all_varies_by_more(void **state)
{
    arena *a = *state;
    conversation *one = answer_with(a, VERSION_TLS13, AES_128_GCM, CERTIFICATE_LEN, true);
    demand(two(a, one, answer_with(a, VERSION_TLS13, AES_128_GCM, CERTIFICATE_LEN + 48, true)), false, "have the same size");
    demand(two(a, one, answer_with(a, VERSION_TLS13, AES_128_GCM, CERTIFICATE_LEN + 49, true)), true, "other certificates");
}

static void what_comes_after_the_client_is_no_part_of_it(void **state)
{
    arena *a = *state;
    conversation *one = usual(a, CERTIFICATE_LEN);
    one->events[one->num_events++] = (event){.side = SIDE_CLIENT, .kind = EVENT_PROTECTED_RECORD, .len = 69};
    one->events[one->num_events++] = (event){.side = SIDE_SERVER, .kind = EVENT_PROTECTED_RECORD, .len = 9000};
    demand(two(a, one, usual(a, CERTIFICATE_LEN)), false, "have the same size");
}

static void one_answer_alone_is_not_compared(void **state)
{
    arena *a = *state;
    demand(two(a, usual(a, CERTIFICATE_LEN), NULL), false, NULL);
    demand(two(a, usual(a, CERTIFICATE_LEN), ARENA_NEW(a, conversation)), false, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_ARENA(the_same_twice_is_said_to_have_been_read),
        WITH_ARENA(another_suite_is_another_answer),
        WITH_ARENA(another_version_is_another_answer),
        WITH_ARENA(larger_certificates_are_other_certificates),
        WITH_ARENA(a_signature_may_vary_by_some_bytes),
        WITH_ARENA(one_record_for_all_varies_by_more),
        WITH_ARENA(what_comes_after_the_client_is_no_part_of_it),
        WITH_ARENA(one_answer_alone_is_not_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
