/* What a caIssuers address gives: every form that servers use, and what is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/issuer_file.h"
#include "crypto/keystore.h"
#include "issue.h"

#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <string.h>

typedef struct world {
    arena *a;
    issued_chain chain;
    PKCS7 *message;
} world;

static int set_up(void **state)
{
    static world w;
    w.a = arena_new();
    w.chain = issue_chain(w.a);
    w.message = PKCS7_new();
    assert_int_equal(PKCS7_set_type(w.message, NID_pkcs7_signed), 1);
    assert_int_equal(PKCS7_content_new(w.message, NID_pkcs7_data), 1);
    assert_int_equal(PKCS7_add_certificate(w.message, w.chain.intermediate.certificate), 1);
    assert_int_equal(PKCS7_add_certificate(w.message, w.chain.root.certificate), 1);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    world *w = *state;
    PKCS7_free(w->message);
    issued_chain_free(&w->chain);
    arena_free(w->a);
    return 0;
}

static void holds(const world *w, bytes_view file, enum issuer_form form, size_t num)
{
    issuer_file read = issuer_file_read(w->a, file);
    assert_int_equal(read.form, form);
    assert_int_equal(read.num_certificates, num);
    if (num > 0)
        assert_true(bytes_equal(read.certificates[0], w->chain.intermediate.der));
}

static void one_certificate_in_der(void **state)
{
    const world *w = *state;
    holds(w, w->chain.intermediate.der, ISSUER_DER, 1);
}

static void several_in_pem_and_words_around_them(void **state)
{
    const world *w = *state;
    const bytes_view both[] = {w->chain.intermediate.der, w->chain.root.der};
    holds(w, bytes_from_text(arena_printf(w->a, "our CAs:\n%s", certificates_to_pem(w->a, both, 2))), ISSUER_PEM, 2);
}

static void a_message_of_certificates_in_der_and_in_pem(void **state)
{
    const world *w = *state;
    unsigned char *encoded = NULL;
    int len = i2d_PKCS7(w->message, &encoded);
    holds(w, bytes_from(encoded, (size_t)len), ISSUER_CMS_DER, 2);
    for (int cut = 0; cut < len; cut += 7)
        holds(w, bytes_from(encoded, (size_t)cut), ISSUER_NONE, 0);
    OPENSSL_free(encoded);
    BIO *out = BIO_new(BIO_s_mem());
    char *text;
    assert_int_equal(PEM_write_bio_PKCS7(out, w->message), 1);
    len = (int)BIO_get_mem_data(out, &text);
    holds(w, bytes_from(text, (size_t)len), ISSUER_CMS_PEM, 2);
    BIO_free(out);
}

static void what_has_no_certificate_gives_none(void **state)
{
    const world *w = *state;
    holds(w, bytes_from_text(""), ISSUER_NONE, 0);
    holds(w, bytes_from_text("<html>not found</html>"), ISSUER_NONE, 0);
    holds(w, bytes_from_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), ISSUER_NONE, 0);
    holds(w, bytes_from("\x30\x84\xff\xff\xff\xff", 6), ISSUER_NONE, 0);
}

static void no_more_are_kept_than_make_sense(void **state)
{
    const world *w = *state;
    enum { MANY = 200 };
    bytes_view many[MANY];
    for (size_t i = 0; i < MANY; i++)
        many[i] = w->chain.intermediate.der;
    holds(w, bytes_from_text(certificates_to_pem(w->a, many, MANY)), ISSUER_PEM, ISSUER_FILE_CERTIFICATES_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_certificate_in_der),
        cmocka_unit_test(several_in_pem_and_words_around_them),
        cmocka_unit_test(a_message_of_certificates_in_der_and_in_pem),
        cmocka_unit_test(what_has_no_certificate_gives_none),
        cmocka_unit_test(no_more_are_kept_than_make_sense),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
