#include "family.h"

#include "registry/registry.h"
#include "wire/hello_edit.h"

#define CODES(array)                                                                                                               \
    {                                                                                                                              \
        .codes = (uint16_t *)(uintptr_t)(array), .num_codes = sizeof(array) / sizeof *(array)                                      \
    }

static const uint16_t all_versions[] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};

/* OpenSSL 3's DEFAULT, in its order. */
static const uint16_t openssl_suites[] = {0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0x009F, 0xCCA9, 0xCCA8, 0xCCAA, 0xC02B,
                                          0xC02F, 0x009E, 0xC024, 0xC028, 0x006B, 0xC023, 0xC027, 0x0067, 0xC00A, 0xC014,
                                          0x0039, 0xC009, 0xC013, 0x0033, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F};
/* Mozilla's intermediate configuration, as most nginx and HAProxy have it. */
static const uint16_t intermediate_suites[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C,
                                               0xC030, 0xCCA9, 0xCCA8, 0x009E, 0x009F};
/* OpenSSL 0.9.8 to 1.0.1. */
static const uint16_t old_openssl_suites[] = {0xC014, 0xC00A, 0x0039, 0x0035, 0xC012, 0xC008, 0x0016,
                                              0x000A, 0xC013, 0xC009, 0x0033, 0x002F, 0x0005, 0x0004};
/* GnuTLS 3.7's NORMAL. */
static const uint16_t gnutls_suites[] = {0x1302, 0x1303, 0x1301, 0x1304, 0xC02C, 0xCCA9, 0xC0AD, 0xC00A, 0xC02B, 0xC0AC,
                                         0xC009, 0xC030, 0xCCA8, 0xC014, 0xC02F, 0xC013, 0x009D, 0xC09D, 0x0035, 0x009C,
                                         0xC09C, 0x002F, 0x009F, 0xCCAA, 0xC09F, 0x0039, 0x009E, 0xC09E, 0x0033};
/* Go 1.22's crypto/tls; RSA key exchange left its defaults there. */
static const uint16_t go_suites[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030,
                                     0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014};
/* JDK 17's. */
static const uint16_t java_suites[] = {0x1302, 0x1301, 0x1303, 0xC02C, 0xC02B, 0xCCA9, 0xC030, 0xCCA8, 0xC02F, 0x009F,
                                       0xCCAA, 0x009E, 0xC024, 0xC028, 0xC023, 0xC027, 0x006B, 0x0067, 0xC00A, 0xC014,
                                       0xC009, 0xC013, 0x0039, 0x0033, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F};
/* Windows Server 2016 to 2022. */
static const uint16_t schannel_suites[] = {0x1302, 0x1301, 0xC02C, 0xC02B, 0xC030, 0xC02F, 0x009F, 0x009E,
                                           0xC024, 0xC023, 0xC028, 0xC027, 0xC00A, 0xC009, 0xC014, 0xC013,
                                           0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F, 0x000A};
/* A load balancer of 2010: RSA key exchange only. */
static const uint16_t balancer_suites[] = {0x0005, 0x0004, 0x002F, 0x0035, 0x000A};
static const uint16_t embedded_suites[] = {0xC0AC, 0xC02B, 0xC023, 0x003D, 0x003C, 0x0035, 0x002F, 0x009C, 0x009D};
static const uint16_t strict_suites[] = {0x1302, 0xC02C, 0xC030};

static const uint16_t openssl_groups[] = {0x001D, 0x0017, 0x001E, 0x0019, 0x0018, 0x0100, 0x0101};
static const uint16_t hybrid_groups[] = {0x11EC, 0x001D, 0x0017, 0x0018, 0x0019};
static const uint16_t nist_groups[] = {0x0017, 0x0018, 0x0019};
static const uint16_t p256_group[] = {0x0017};
static const uint16_t schannel_groups[] = {0x001D, 0x0017, 0x0018};
static const uint16_t strict_groups[] = {0x0018, 0x0019};

static const uint16_t usual_schemes[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0809, 0x080A, 0x080B, 0x0804,
                                         0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201};
static const uint16_t schemes_without_sha1[] = {0x0403, 0x0503, 0x0603, 0x0807, 0x0809, 0x080A, 0x080B,
                                                0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601};
static const uint16_t old_schemes[] = {0x0601, 0x0603, 0x0501, 0x0503, 0x0401, 0x0403, 0x0201, 0x0203};
static const uint16_t strict_schemes[] = {0x0503, 0x0805, 0x0806};

static const family families[] = {
    {.name = "nginx with OpenSSL 3",
     .low_first = 3,
     .low_last = 4,
     .high_first = 3,
     .high_last = 4,
     .suites = CODES(intermediate_suites),
     .groups = CODES(openssl_groups),
     .schemes = CODES(schemes_without_sha1),
     .keeps_suites = 90,
     .keeps_groups = 90,
     .own_order = 50,
     .rsa = 80,
     .ecdsa = 40,
     .pss_key = 5,
     .ed25519 = 5,
     .minds_fallback = 100,
     .refuses_absent_schemes = 60,
     .looks_at_curve = true,
     .refusing = REACT_ALERT,
     .breaking = REACT_ALERT,
     .breaking_alert = 47},
    {.name = "Apache with OpenSSL 1.1.1",
     .low_first = 1,
     .low_last = 3,
     .high_first = 3,
     .high_last = 4,
     .suites = CODES(openssl_suites),
     .groups = CODES(openssl_groups),
     .schemes = CODES(usual_schemes),
     .keeps_suites = 70,
     .keeps_groups = 80,
     .own_order = 60,
     .rsa = 90,
     .ecdsa = 30,
     .pss_key = 2,
     .ed25519 = 5,
     .minds_fallback = 100,
     .warns_of_name = 30,
     .looks_at_curve = true,
     .refusing = REACT_ALERT,
     .breaking = REACT_ALERT,
     .breaking_alert = 50},
    {.name = "OpenSSL 3.5",
     .low_first = 3,
     .low_last = 4,
     .high_first = 4,
     .high_last = 4,
     .suites = CODES(openssl_suites),
     .groups = CODES(hybrid_groups),
     .schemes = CODES(schemes_without_sha1),
     .keeps_suites = 90,
     .keeps_groups = 100,
     .own_order = 40,
     .rsa = 60,
     .ecdsa = 60,
     .pss_key = 5,
     .ed25519 = 10,
     .minds_fallback = 100,
     .refuses_absent_schemes = 80,
     .looks_at_curve = true,
     .refusing = REACT_ALERT,
     .breaking = REACT_CLOSE},
    {.name = "OpenSSL 0.9.8 to 1.0.1",
     .low_first = 0,
     .low_last = 1,
     .high_first = 1,
     .high_last = 3,
     .suites = CODES(old_openssl_suites),
     .groups = CODES(nist_groups),
     .schemes = CODES(old_schemes),
     .keeps_suites = 70,
     .keeps_groups = 40,
     .own_order = 30,
     .rsa = 100,
     .ecdsa = 5,
     .minds_fallback = 40,
     .reads_sslv2 = 80,
     .warns_of_name = 40,
     .refusing = REACT_ALERT,
     .breaking = REACT_CLOSE},
    {.name = "GnuTLS",
     .low_first = 1,
     .low_last = 3,
     .high_first = 3,
     .high_last = 4,
     .suites = CODES(gnutls_suites),
     .groups = CODES(openssl_groups),
     .schemes = CODES(usual_schemes),
     .keeps_suites = 90,
     .keeps_groups = 90,
     .own_order = 20,
     .rsa = 80,
     .ecdsa = 40,
     .pss_key = 5,
     .ed25519 = 5,
     .minds_fallback = 100,
     .shares_records = true,
     .refusing = REACT_ALERT,
     .breaking = REACT_ALERT,
     .breaking_alert = 40},
    {.name = "Go",
     .low_first = 1,
     .low_last = 3,
     .high_first = 3,
     .high_last = 4,
     .suites = CODES(go_suites),
     .groups = CODES(hybrid_groups),
     .schemes = CODES(schemes_without_sha1),
     .keeps_suites = 100,
     .keeps_groups = 90,
     .own_order = 100,
     .rsa = 40,
     .ecdsa = 70,
     .ed25519 = 5,
     .minds_fallback = 100,
     .refusing = REACT_ALERT,
     .breaking = REACT_ALERT,
     .breaking_alert = 10},
    {.name = "Java",
     .low_first = 3,
     .low_last = 3,
     .high_first = 3,
     .high_last = 4,
     .suites = CODES(java_suites),
     .groups = CODES(schannel_groups),
     .schemes = CODES(usual_schemes),
     .keeps_suites = 90,
     .keeps_groups = 90,
     .own_order = 60,
     .rsa = 80,
     .ecdsa = 40,
     .pss_key = 5,
     .refuses_encrypted = true,
     .shares_records = true,
     .refusing = REACT_ALERT,
     .breaking = REACT_CLOSE},
    {.name = "Schannel",
     .low_first = 1,
     .low_last = 3,
     .high_first = 3,
     .high_last = 4,
     .suites = CODES(schannel_suites),
     .groups = CODES(schannel_groups),
     .schemes = CODES(usual_schemes),
     .keeps_suites = 80,
     .keeps_groups = 80,
     .own_order = 100,
     .rsa = 95,
     .ecdsa = 15,
     .minds_fallback = 0,
     .shares_records = true,
     .refusing = REACT_RESET,
     .breaking = REACT_RESET},
    {.name = "load balancer of 2010",
     .low_first = 0,
     .low_last = 1,
     .high_first = 1,
     .high_last = 3,
     .suites = CODES(balancer_suites),
     .groups = CODES(p256_group),
     .schemes = CODES(old_schemes),
     .keeps_suites = 80,
     .keeps_groups = 100,
     .own_order = 100,
     .rsa = 100,
     .reads_sslv2 = 60,
     .refusing = REACT_CLOSE,
     .breaking = REACT_SILENCE},
    {.name = "embedded",
     .low_first = 2,
     .low_last = 3,
     .high_first = 3,
     .high_last = 3,
     .suites = CODES(embedded_suites),
     .groups = CODES(p256_group),
     .schemes = CODES(old_schemes),
     .keeps_suites = 60,
     .keeps_groups = 100,
     .own_order = 100,
     .rsa = 60,
     .ecdsa = 50,
     .refusing = REACT_ALERT,
     .breaking = REACT_SILENCE},
    {.name = "strict",
     .low_first = 3,
     .low_last = 4,
     .high_first = 4,
     .high_last = 4,
     .suites = CODES(strict_suites),
     .groups = CODES(strict_groups),
     .schemes = CODES(strict_schemes),
     .keeps_suites = 100,
     .keeps_groups = 80,
     .own_order = 100,
     .rsa = 40,
     .ecdsa = 80,
     .minds_fallback = 100,
     .refuses_absent_schemes = 100,
     .looks_at_curve = true,
     .refusing = REACT_ALERT,
     .breaking = REACT_CLOSE},
};

size_t num_families(void)
{
    return sizeof families / sizeof *families;
}

const family *family_at(size_t index)
{
    return &families[index];
}

/* Some of the list, at least one. */
static code_list some_of(dice *d, arena *a, code_list list, unsigned percent)
{
    code_list some = dice_some(d, a, list, percent);
    return some.num_codes > 0 ? some : codes_one(a, list.codes[dice_below(d, list.num_codes)]);
}

static void draw_keys(dice *d, const family *f, sim_server *s)
{
    s->has_rsa = dice_says(d, f->rsa);
    s->has_ecdsa = dice_says(d, f->ecdsa);
    if (!s->has_rsa && !s->has_ecdsa)
        *(f->rsa >= f->ecdsa ? &s->has_rsa : &s->has_ecdsa) = true;
    if (dice_says(d, f->pss_key)) { /* its only key then: RFC 8446, 4.2.3, id-RSASSA-PSS */
        s->has_rsa = s->has_ecdsa = false;
        s->has_rsa_pss = true;
    }
    s->has_ed25519 = dice_says(d, f->ed25519);
    if (s->has_ecdsa)
        s->ecdsa_curve = codes_contain(f->schemes, 0x0403) && dice_says(d, 80) ? 0x0017 : 0x0018;
    s->looks_at_curve = f->looks_at_curve;
}

/* A client that has all that the server has, in that version alone. */
static client_hello well_equipped(arena *a, const sim_server *s, uint16_t version)
{
    static const uint8_t zeros[32] = {0}, no_compression[] = {0};
    client_hello hello = {.format = HELLO_FORMAT_TLS,
                          .record_version = VERSION_TLS10,
                          .legacy_version = version > VERSION_TLS12 ? VERSION_TLS12 : version,
                          .random = bytes_from(zeros, sizeof zeros),
                          .compression_methods = bytes_from(no_compression, sizeof no_compression)};
    hello = hello_with_cipher_suites(a, &hello, s->suites);
    if (version == VERSION_SSL3)
        return hello;
    hello = hello_with_groups(a, &hello, codes_joined(a, s->groups, codes_one(a, s->ecdsa_curve == 0 ? 0x0017 : s->ecdsa_curve)));
    hello = hello_with_signature_schemes(a, &hello, s->schemes);
    if (version < VERSION_TLS13)
        return hello;
    key_share share = {.group = s->groups.codes[0], .key_exchange = bytes_from(zeros, sizeof zeros)};
    hello = hello_with_versions(a, &hello, codes_one(a, version));
    return hello_with_key_shares(a, &hello, &share, 1);
}

code_list sound_versions(arena *a, const sim_server *s)
{
    sim_server plain = *s;
    code_list sound = {.codes = ARENA_ARRAY(a, s->versions.num_codes, uint16_t)};
    plain.manner = MANNER_TLS;
    plain.name_rule = NAME_IGNORED;
    plain.alpn = bytes_from(NULL, 0);
    plain.wants_ems = plain.minds_fallback = plain.breaks_on_grease = plain.breaks_on_pieces = false;
    plain.breaks_above_version = plain.breaks_on_record_version = plain.breaks_above_record_version = 0;
    plain.breaks_on_extension = -1;
    plain.breaks_to_len = 0;
    for (size_t i = 0; i < s->versions.num_codes && s->groups.num_codes > 0; i++) {
        client_hello hello = well_equipped(a, s, s->versions.codes[i]);
        if (sim_server_answer(a, &plain, &hello, true).accepts)
            sound.codes[sound.num_codes++] = s->versions.codes[i];
    }
    return sound;
}

sim_server family_server(dice *d, arena *a, const family *f)
{
    sim_server s = {.manner = MANNER_TLS, .breaks_on_extension = -1};
    size_t low = f->low_first + dice_below(d, f->low_last - f->low_first + 1),
           high = f->high_first + dice_below(d, f->high_last - f->high_first + 1);
    high = high < low ? low : high;
    s.versions = codes_from(a, all_versions + low, high - low + 1);
    s.suites = some_of(d, a, f->suites, f->keeps_suites);
    s.groups = some_of(d, a, f->groups, f->keeps_groups);
    s.schemes = codes_from(a, f->schemes.codes, f->schemes.num_codes);
    s.prefers_own_order = dice_says(d, f->own_order);
    draw_keys(d, f, &s);
    s.minds_fallback = dice_says(d, f->minds_fallback);
    s.reads_sslv2 = dice_says(d, f->reads_sslv2);
    s.refuses_absent_schemes = dice_says(d, f->refuses_absent_schemes);
    s.warns_of_name = dice_says(d, f->warns_of_name);
    s.refuses_encrypted = f->refuses_encrypted;
    s.shares_records = f->shares_records;
    s.refusing = f->refusing;
    s.breaking = f->breaking;
    s.breaking_alert = f->breaking_alert;
    s.is_serial = f->breaking == REACT_SILENCE && dice_says(d, 30);
    s.versions = sound_versions(a, &s);
    return s;
}
