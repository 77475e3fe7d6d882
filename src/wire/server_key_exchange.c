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

/* RFC 7919, appendix A: 64 ones, then e, and 64 ones again; before those they differ. */
static uint16_t finite_field_group(bytes_view prime)
{
    static const uint8_t beginning[] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xAD, 0xF8, 0x54, 0x58,
                                        0xA2, 0xBB, 0x4A, 0x9A, 0xAF, 0xDC, 0x56, 0x20, 0x27, 0x3D, 0x3C, 0xF1};
    static const struct {
        uint16_t group;
        size_t len;
        uint8_t ending[16];
    } rows[] = {
        {0x0100, 256, {0x88, 0x6B, 0x42, 0x38, 0x61, 0x28, 0x5C, 0x97, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {0x0101, 384, {0x25, 0xE4, 0x1D, 0x2B, 0x66, 0xC6, 0x2E, 0x37, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {0x0102, 512, {0xC6, 0x8A, 0x00, 0x7E, 0x5E, 0x65, 0x5F, 0x6A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {0x0103, 768, {0xA4, 0x0E, 0x32, 0x9C, 0xD0, 0xE4, 0x0E, 0x65, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
        {0x0104, 1024, {0xD6, 0x8C, 0x8B, 0xB7, 0xC5, 0xC6, 0x42, 0x4C, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t ending_at = rows[i].len - sizeof rows[i].ending;
        if (prime.len == rows[i].len &&
            bytes_equal(bytes_slice(prime, 0, sizeof beginning), bytes_from(beginning, sizeof beginning)) &&
            bytes_equal(bytes_slice(prime, ending_at, prime.len), bytes_from(rows[i].ending, sizeof rows[i].ending)))
            return rows[i].group;
    }
    return 0;
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
    out->finite_field_group = finite_field_group(out->prime);
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
