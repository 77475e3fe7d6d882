#include "causes/suite_without_certificate.h"

#include "registry/dialect.h"
#include "registry/registry.h"

static const remedy_row key_rows[] = {
    {REMEDY_CLIENT, "openssl", "Give it the key that the server has, in hexadecimal (KEY), and the name that the key has there.",
     "$ openssl s_client -psk KEY -psk_identity Client ...", LOWERS_NONE},
    {REMEDY_CLIENT, "gnutls-cli", "Give it the key that the server has, in hexadecimal (KEY), and the name that the key has there.",
     "$ gnutls-cli --pskusername Client --pskkey KEY --priority 'NORMAL:+ECDHE-PSK:+DHE-PSK:+PSK' ...", LOWERS_NONE},
    {REMEDY_CLIENT, "else",
     "Give the client the key that the server has, and the name that the key has there (its identity), or use a client that can be "
     "given one. No list of suites supplies a key.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "If clients without such a key are meant to get in: give the server a certificate, and let it take suites for it besides.",
     NULL, LOWERS_NONE},
};
/* RSA_PSK (RFC 4279, 4): the server shows a certificate as well. */
static const remedy_row key_and_certificate_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Give the client the key that the server has, and the name that the key has there (its identity), or use a client that can be "
     "given one. No list of suites supplies a key.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "If clients without such a key are meant to get in: let the server take suites for its certificate alone besides.", NULL,
     LOWERS_NONE},
};
static const remedy_row password_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Use a client that can be given a name and a password for the handshake, such as gnutls-cli with --srpusername and "
     "--srppasswd.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL,
     "If other clients are meant to get in: give the server a certificate, and let it take suites for it besides.", NULL,
     LOWERS_NONE},
};
/* SRP_SHA_RSA and SRP_SHA_DSS (RFC 5054, 2.7): the server shows a certificate as well. */
static const remedy_row password_and_certificate_rows[] = {
    {REMEDY_CLIENT, NULL,
     "Use a client that can be given a name and a password for the handshake, such as gnutls-cli with --srpusername and "
     "--srppasswd.",
     NULL, LOWERS_NONE},
    {REMEDY_SERVER, NULL, "If other clients are meant to get in: let the server take suites for its certificate alone besides.",
     NULL, LOWERS_NONE},
};
static const remedy_row other_rows[] = {
    {REMEDY_SERVER, NULL,
     "Give the server a certificate with its key, and let it take suites for it. If it has one already, its log says why it could "
     "not "
     "use it.",
     NULL, LOWERS_NONE},
};

typedef struct telling {
    const char *headline; /* "... With SUITE added the hello is accepted." follows */
    const remedy_row *rows;
    size_t num_rows;
} telling;
#define TELLING(text, table) ((telling){.headline = (text), .rows = (table), .num_rows = sizeof(table) / sizeof *(table)})

static telling telling_of(const cipher_suite_row *suite)
{
    static const char key[] = "The server wants a pre-shared key, a secret that both sides were given, and the client offers none.";
    static const char password[] =
        "The server wants a name and a password in the handshake itself (SRP), and the client offers none.";
    switch (suite->key_exchange) {
    case SUITE_KX_PSK:
    case SUITE_KX_DHE_PSK:
    case SUITE_KX_ECDHE_PSK:
        return TELLING(key, key_rows);
    case SUITE_KX_RSA_PSK:
        return TELLING(key, key_and_certificate_rows);
    case SUITE_KX_SRP:
        return suite->authentication == SUITE_AUTH_SRP ? TELLING(password, password_rows)
                                                       : TELLING(password, password_and_certificate_rows);
    default:
        return TELLING("The server takes suites without a certificate alone, and the client offers none of those.", other_rows);
    }
}

void tell_suite_without_certificate(const facts *f, uint16_t suite, verdict *v)
{
    telling t = telling_of(cipher_suite_find(suite));
    v->headline = arena_printf(f->arena, "%s With %s added the hello is accepted.", t.headline,
                               dialect_suite(f->arena, DIALECT_PEOPLE, suite));
    verdict_add_remedy_rows(f, v, t.rows, t.num_rows);
}
