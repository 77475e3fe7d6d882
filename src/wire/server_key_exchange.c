#include "registry/registry.h"
#include "wire/server_hello.h"

#define CURVE_TYPE_NAMED 3 /* RFC 8422, 5.4 */

/* Bits of a big-endian number, leading zeros not counted. */
static size_t number_bits(reader number)
{
    uint8_t byte = 0;
    while (byte == 0 && read_u8(&number, "number", &byte))
        ;
    size_t bits = 8 * reader_len(&number);
    for (; byte != 0; byte >>= 1)
        bits++;
    return bits;
}

/* opaque dh_p<1..2^16-1>, dh_g<1..2^16-1>, dh_Ys<1..2^16-1> (RFC 5246, 7.4.3) */
static bool dh_params_read(reader *r, server_key_exchange *out)
{
    reader prime, generator, public_value;
    if (!read_vector16(r, "dh_p", &prime))
        return false;
    out->prime_bits = number_bits(prime);
    if (!read_vector16(r, "dh_g", &generator) || !read_vector16(r, "dh_Ys", &public_value))
        return false;
    out->prime = read_rest(&prime);
    out->generator = read_rest(&generator);
    out->public_value = read_rest(&public_value);
    return true;
}

/* ECCurveType curve_type; NamedCurve namedcurve; opaque point<1..2^8-1> (RFC 8422, 5.4). False also for an explicit curve. */
static bool ecdh_params_read(reader *r, server_key_exchange *out)
{
    uint8_t curve_type;
    reader point;
    if (!read_u8(r, "curve_type", &curve_type) || curve_type != CURVE_TYPE_NAMED)
        return false;
    if (!read_u16(r, "namedcurve", &out->group) || !read_vector8(r, "point", &point))
        return false;
    out->public_value = read_rest(&point);
    return true;
}

/* opaque rsa_modulus<1..2^16-1>, rsa_exponent<1..2^16-1> (RFC 2246, 7.4.3) */
static bool rsa_params_read(reader *r)
{
    reader modulus, exponent;
    return read_vector16(r, "rsa_modulus", &modulus) && read_vector16(r, "rsa_exponent", &exponent);
}

static bool params_read(reader *r, server_key_exchange *out)
{
    switch (out->kind) {
    case KEY_EXCHANGE_DHE:
        return dh_params_read(r, out);
    case KEY_EXCHANGE_ECDHE:
        return ecdh_params_read(r, out);
    case KEY_EXCHANGE_RSA_EXPORT:
        return rsa_params_read(r);
    case KEY_EXCHANGE_UNKNOWN:
        break;
    }
    return false;
}

static bool signature_read(reader *r, uint16_t version, server_key_exchange *out)
{
    reader signature;
    if (version >= VERSION_TLS12 && !read_u16(r, "signature algorithm", &out->signature_scheme))
        return false;
    if (!read_vector16(r, "signature", &signature))
        return false;
    out->signature = read_rest(&signature);
    return true;
}

enum parse_status server_key_exchange_parse(arena *a, bytes_view body, enum key_exchange_kind kind, bool is_anonymous,
                                            uint16_t version, server_key_exchange *out)
{
    *out = (server_key_exchange){.kind = kind};
    bytes_view own = bytes_copy(a, body);
    reader r = reader_from(own);
    if (kind == KEY_EXCHANGE_UNKNOWN)
        return PARSE_NOTE;
    if (!params_read(&r, out))
        return r.field == NULL ? PARSE_NOTE : PARSE_BAD;
    out->params = bytes_slice(own, 0, r.offset);
    if (!is_anonymous && !signature_read(&r, version, out))
        return PARSE_NOTE;
    return reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
}
