/* sslv2-hello-rejected: a hello in SSLv2 format, to a server that reads only TLS records. */
#include "causes/cause.h"

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    if (f->hello->format == HELLO_FORMAT_SSLV2)
        proposal_add(out, self, (change){.kind = CHANGE_TLS_FORMAT});
}

static const remedy_row rows[] = {
    {REMEDY_CLIENT, "python",
     "Let the client leave out SSLv2: ssl.OP_NO_SSLv2 (the hello then comes in a TLS record), or a Python with a newer OpenSSL.",
     NULL, LOWERS_NONE},
    {REMEDY_CLIENT, NULL,
     "Let the client leave out SSLv2 (OpenSSL before 1.0.0 sends such a hello while SSLv2 is on: SSL_OP_NO_SSLv2, openssl s_client "
     "-no_ssl2), or use a newer TLS library.",
     NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    (void)c;
    v->headline = "The client opens with a hello in SSLv2 format, which this server does not read. The same offer in a TLS record "
                  "is accepted.";
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_sslv2_hello_rejected = {
    .id = "sslv2-hello-rejected", .where = WHERE_CLIENT, .rank = RANK_ENCODING, .propose = propose, .tell = tell};
