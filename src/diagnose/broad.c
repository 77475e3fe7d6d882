#include "diagnose/broad.h"

#include "registry/registry.h"

enum {
    EXTENSION_EXTENDED_MASTER_SECRET = 23,
    SUITE_EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF,
    RANDOM_LEN = 32,
    GROUP_X25519 = 0x001D,
    GROUP_SECP256R1 = 0x0017,
};

/* What servers have, as far as scanners and the configurations of nginx, Apache, IIS, Java and GnuTLS show: forward secrecy first,
 * so that the group and the scheme of a server that follows the client are seen as well. Numbers: IANA TLS Cipher Suites. */
static const uint16_t usual_suites[] = {
    0x1301, 0x1302, 0x1303, 0x1304, 0x1305,         /* TLS 1.3 */
    0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, /* ECDHE with AES-GCM and ChaCha20 */
    0xC0AC, 0xC0AD, 0xC0AE, 0xC0AF,                 /* ECDHE-ECDSA with AES-CCM */
    0xC023, 0xC027, 0xC024, 0xC028, 0xC009, 0xC013, 0xC00A, 0xC014, 0xC008, 0xC012, 0xC007, 0xC011, /* ECDHE with CBC and RC4 */
    0x009E, 0x009F, 0xCCAA, 0x0067, 0x006B, 0x0033, 0x0039, 0x0016, 0xC09E, 0xC09F,                 /* DHE with RSA */
    0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035, 0x000A, 0x0005, 0x0004, 0xC09C, 0xC09D, 0xC0A0, 0xC0A1, /* RSA */
    0xC072, 0xC073, 0xC076, 0xC077, 0xC05C, 0xC05D, 0xC060, 0xC061, /* ECDHE with Camellia and ARIA */
    0x0041, 0x0084, 0x0045, 0x0088, 0xC0A2, 0xC0A3, 0xC0A8, 0xC0A9, /* Camellia, CCM_8 */
    0x0032, 0x0038, 0x0040, 0x006A, 0x00A2, 0x00A3, 0x0013,         /* DHE with DSA */
    0xC050, 0xC051, 0xC052, 0xC053,                                 /* ARIA-GCM */
    0x0096, 0x0007, 0x0009, 0x0015,                                 /* SEED, IDEA, DES */
};
static const uint16_t usual_groups[] = {0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x0016, 0x001A, 0x001B, 0x001C,
                                        0x0100, 0x0101, 0x0102, 0x0015, 0x0013, 0x000D, 0x000E, 0x0009, 0x000A};
static const uint16_t tls13_groups[] = {0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x0100, 0x0101, 0x0102, 0x0103,
                                        0x0104, 0x001F, 0x0020, 0x0021, 0x11EC, 0x11EB, 0x11ED, 0x0201};
static const uint16_t usual_schemes[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806,
                                         0x0809, 0x080A, 0x080B, 0x081A, 0x081B, 0x081C, 0x0401, 0x0501,
                                         0x0601, 0x0303, 0x0301, 0x0302, 0x0402, 0x0203, 0x0201, 0x0202};

#define NUM(array) (sizeof(array) / sizeof *(array))

static bool is_rare_but_real(const cipher_suite_row *row, const code_list *usual)
{
    return row->kind == SUITE_NORMAL && row->version_min < VERSION_TLS13 && !codes_contain(*usual, row->code);
}

static code_list rare_suites(arena *a)
{
    code_list usual = codes_from(a, usual_suites, NUM(usual_suites));
    code_list rare = {.codes = ARENA_ARRAY(a, num_cipher_suite_rows, uint16_t)};
    for (size_t i = 0; i < num_cipher_suite_rows; i++)
        if (is_rare_but_real(&cipher_suite_rows[i], &usual))
            rare.codes[rare.num_codes++] = cipher_suite_rows[i].code;
    return rare;
}

code_list broad_suites(arena *a, uint16_t version, bool rare)
{
    if (rare)
        return rare_suites(a);
    code_list list = {.codes = ARENA_ARRAY(a, NUM(usual_suites), uint16_t)};
    for (size_t i = 0; i < NUM(usual_suites); i++)
        if (cipher_suite_fits_version(usual_suites[i], version))
            list.codes[list.num_codes++] = usual_suites[i];
    return list;
}

code_list broad_groups(arena *a, uint16_t version)
{
    return version == VERSION_TLS13 ? codes_from(a, tls13_groups, NUM(tls13_groups))
                                    : codes_from(a, usual_groups, NUM(usual_groups));
}

code_list broad_schemes(arena *a, uint16_t version)
{
    code_list list = {.codes = ARENA_ARRAY(a, NUM(usual_schemes), uint16_t)};
    for (size_t i = 0; i < NUM(usual_schemes); i++) {
        const signature_scheme_row *row = signature_scheme_find(usual_schemes[i]);
        if (version != VERSION_TLS13 || (row != NULL && row->in_tls13))
            list.codes[list.num_codes++] = usual_schemes[i];
    }
    return list;
}

/* Any 32 bytes are a public key of X25519 (RFC 7748, 5): it needs no key of ours. */
static size_t make_shares(arena *a, const diagnosis_tools *tools, key_share *shares)
{
    uint8_t random[RANDOM_LEN];
    tools->random_bytes(tools->user, random, sizeof random);
    shares[0] = (key_share){.group = GROUP_X25519, .key_exchange = bytes_copy(a, bytes_from(random, sizeof random))};
    shares[1].group = GROUP_SECP256R1;
    bool second = tools->make_key_share != NULL && tools->make_key_share(tools->user, a, GROUP_SECP256R1, &shares[1].key_exchange);
    return second ? 2 : 1;
}

static client_hello bare_hello(arena *a, const diagnosis_tools *tools, uint16_t version, const broad_options *options)
{
    static const uint8_t null_compression[] = {0};
    uint8_t random[RANDOM_LEN];
    tools->random_bytes(tools->user, random, sizeof random);
    client_hello hello = {
        .format = HELLO_FORMAT_TLS,
        .record_version = options->record_version != 0 ? options->record_version
                          : version == VERSION_SSL3    ? VERSION_SSL3
                                                       : VERSION_TLS10,
        .legacy_version = version > VERSION_TLS12 ? VERSION_TLS12 : version,
        .random = bytes_copy(a, bytes_from(random, sizeof random)),
        .compression_methods = bytes_copy(a, bytes_from(null_compression, sizeof null_compression)),
    };
    return hello;
}

static client_hello with_old_extensions(arena *a, const client_hello *hello, uint16_t version, const broad_options *options)
{
    client_hello out = *hello;
    if (options->no_extensions || version == VERSION_SSL3)
        return out;
    if (options->server_name.len > 0)
        out = hello_with_server_name(a, &out, options->server_name);
    out = hello_with_groups(a, &out, broad_groups(a, version)); /* no point formats: uncompressed is then meant (RFC 8422, 5.1.2) */
    if (version >= VERSION_TLS12)
        out = hello_with_signature_schemes(a, &out, broad_schemes(a, version));
    if (options->extended_master_secret)
        out = hello_with_extension(a, &out, EXTENSION_EXTENDED_MASTER_SECRET, bytes_from(NULL, 0));
    return out;
}

static client_hello with_tls13(arena *a, const diagnosis_tools *tools, const client_hello *hello, code_list versions)
{
    key_share shares[2];
    size_t num_shares = make_shares(a, tools, shares);
    client_hello out = hello_with_versions(a, hello, versions);
    return hello_with_key_shares(a, &out, shares, num_shares);
}

static client_hello padded(arena *a, const client_hello *hello, size_t message_len)
{
    client_hello out;
    return message_len != 0 && hello_padded_to(a, hello, message_len, &out) ? out : *hello;
}

client_hello broad_hello(arena *a, const diagnosis_tools *tools, uint16_t version, const broad_options *options)
{
    client_hello hello = bare_hello(a, tools, version, options);
    code_list suites = broad_suites(a, version, options->rare_suites);
    if (version < VERSION_TLS13)
        suites = codes_joined(a, suites, codes_one(a, SUITE_EMPTY_RENEGOTIATION_INFO_SCSV));
    hello = hello_with_cipher_suites(a, &hello, suites);
    hello = with_old_extensions(a, &hello, version, options);
    if (version == VERSION_TLS13)
        hello = with_tls13(a, tools, &hello, codes_one(a, VERSION_TLS13));
    return padded(a, &hello, options->message_len);
}

client_hello broad_hello_of_all_versions(arena *a, const diagnosis_tools *tools, const broad_options *options)
{
    static const uint16_t versions[] = {VERSION_TLS13, VERSION_TLS12, VERSION_TLS11, VERSION_TLS10};
    client_hello hello = bare_hello(a, tools, VERSION_TLS12, options);
    code_list suites = codes_joined(a, broad_suites(a, VERSION_TLS13, false), broad_suites(a, VERSION_TLS12, options->rare_suites));
    suites = codes_joined(a, suites, codes_one(a, SUITE_EMPTY_RENEGOTIATION_INFO_SCSV));
    hello = hello_with_cipher_suites(a, &hello, suites);
    hello = with_old_extensions(a, &hello, VERSION_TLS12, options);
    if (!options->no_extensions)
        hello = with_tls13(a, tools, &hello, codes_from(a, versions, NUM(versions)));
    return padded(a, &hello, options->message_len);
}
