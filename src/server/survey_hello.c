/* What a survey offers: candidates in a guessed order, families of suites, and the hellos that carry them. */
#include "diagnose/broad.h"
#include "diagnose/own_keys.h"
#include "registry/registry.h"
#include "server/survey_state.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

#include <string.h>

#define NUM(array) (sizeof(array) / sizeof *(array))

/* What OpenSSL 3.0 has, in its order (`openssl ciphers -V ALL:COMPLEMENTOFALL:@SECLEVEL=0`); most servers of the Internet are made
 * with it, and the order of the others differs from it in few places. The TLS 1.3 suites first. */
static const uint16_t openssl_order[] = {
    0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0x00A3, 0x009F, 0xCCA9, 0xCCA8, 0xCCAA, 0xC0AF, 0xC0AD, 0xC0A3, 0xC09F, 0xC05D, 0xC061,
    0xC057, 0xC053, 0x00A7, 0xC02B, 0xC02F, 0x00A2, 0x009E, 0xC0AE, 0xC0AC, 0xC0A2, 0xC09E, 0xC05C, 0xC060, 0xC056, 0xC052, 0x00A6,
    0xC024, 0xC028, 0x006B, 0x006A, 0xC073, 0xC077, 0x00C4, 0x00C3, 0x006D, 0x00C5, 0xC023, 0xC027, 0x0067, 0x0040, 0xC072, 0xC076,
    0x00BE, 0x00BD, 0x006C, 0x00BF, 0xC00A, 0xC014, 0x0039, 0x0038, 0x0088, 0x0087, 0xC019, 0x003A, 0x0089, 0xC009, 0xC013, 0x0033,
    0x0032, 0x0045, 0x0044, 0xC018, 0x0034, 0x0046, 0x00AD, 0x00AB, 0xCCAE, 0xCCAD, 0xCCAC, 0xC0AB, 0xC0A7, 0xC06F, 0xC06D, 0x009D,
    0xC0A1, 0xC09D, 0xC051, 0x00A9, 0xCCAB, 0xC0A9, 0xC0A5, 0xC06B, 0x00AC, 0x00AA, 0xC0AA, 0xC0A6, 0xC06E, 0xC06C, 0x009C, 0xC0A0,
    0xC09C, 0xC050, 0x00A8, 0xC0A8, 0xC0A4, 0xC06A, 0x003D, 0x00C0, 0x003C, 0x00BA, 0xC038, 0xC036, 0xC022, 0xC021, 0xC020, 0x00B7,
    0x00B3, 0x0095, 0x0091, 0xC09B, 0xC099, 0xC097, 0x0035, 0x0084, 0x00AF, 0x008D, 0xC095, 0xC037, 0xC035, 0xC01F, 0xC01E, 0xC01D,
    0x00B6, 0x00B2, 0x0094, 0x0090, 0xC09A, 0xC098, 0xC096, 0x002F, 0x0041, 0x00AE, 0x008C, 0xC094, 0xC006, 0xC010, 0xC015, 0x003B,
    0xC03B, 0xC03A, 0xC039, 0x00B9, 0x00B8, 0x00B5, 0x00B4, 0x002E, 0x002D, 0x0002, 0x0001, 0x00B1, 0x00B0, 0x002C,
};
/* The groups and schemes that are common today, in the order in which OpenSSL has them; those that follow are rare. */
static const uint16_t usual_groups_tls13[] = {0x001D, 0x0017, 0x001E, 0x0019, 0x0018, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104};
static const uint16_t rare_groups_tls13[] = {0x11EC, 0x11EB, 0x11ED, 0x0200, 0x0201, 0x0202, 0x001F, 0x0020, 0x0021, 0x0029};
static const uint16_t usual_groups_tls12[] = {0x001D, 0x0017, 0x001E, 0x0019, 0x0018};

uint16_t topic_version(const survey *s, unsigned topic)
{
    if (topic == TOPIC_ALPN)
        return survey_highest(s, VERSION_TLS13);
    static const uint16_t versions[] = {VERSION_SSL3,  VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13,
                                        VERSION_TLS13, VERSION_TLS12, VERSION_TLS13, VERSION_TLS12};
    return versions[topic];
}

/* ---- suites -------------------------------------------------------------------------------------------------------- */

static code_list suites_of(arena *a, uint16_t version)
{
    code_list known = codes_from(a, openssl_order, NUM(openssl_order));
    code_list list = {.codes = ARENA_ARRAY(a, num_cipher_suite_rows + known.num_codes, uint16_t)};
    for (size_t i = 0; i < known.num_codes; i++)
        if (cipher_suite_fits_version(known.codes[i], version))
            list.codes[list.num_codes++] = known.codes[i];
    for (size_t i = 0; i < num_cipher_suite_rows; i++) {
        const cipher_suite_row *row = &cipher_suite_rows[i];
        if (row->kind == SUITE_NORMAL && cipher_suite_fits_version(row->code, version) && !codes_contain(known, row->code))
            list.codes[list.num_codes++] = row->code;
    }
    return list;
}

enum family { FAMILY_MODERN, FAMILY_CBC, FAMILY_CCM, FAMILY_ARIA, FAMILY_CAMELLIA, FAMILY_NULL, FAMILY_OLD, FAMILY_COUNT };
enum keys { KEYS_ECDSA, KEYS_ECDHE_RSA, KEYS_DHE_RSA, KEYS_RSA, KEYS_ANONYMOUS, KEYS_OTHER, KEYS_COUNT };

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static enum family family_of(const cipher_suite_row *row)
{
    const char *cipher = row->cipher == NULL ? "NULL" : row->cipher;
    if (starts_with(cipher, "ARIA"))
        return FAMILY_ARIA;
    if (starts_with(cipher, "CAMELLIA"))
        return FAMILY_CAMELLIA;
    if (strstr(cipher, "CCM") != NULL)
        return FAMILY_CCM;
    if (starts_with(cipher, "NULL"))
        return FAMILY_NULL;
    if (row->is_aead)
        return FAMILY_MODERN;
    return starts_with(cipher, "AES") ? FAMILY_CBC : FAMILY_OLD;
}

static enum keys keys_of(const cipher_suite_row *row)
{
    if (row->authentication == SUITE_AUTH_ANONYMOUS)
        return KEYS_ANONYMOUS;
    if (row->authentication == SUITE_AUTH_ECDSA && row->key_exchange == SUITE_KX_ECDHE)
        return KEYS_ECDSA;
    if (row->authentication != SUITE_AUTH_RSA)
        return KEYS_OTHER;
    return row->key_exchange == SUITE_KX_ECDHE ? KEYS_ECDHE_RSA
           : row->key_exchange == SUITE_KX_DHE ? KEYS_DHE_RSA
           : row->key_exchange == SUITE_KX_RSA ? KEYS_RSA
                                               : KEYS_OTHER;
}

/* Those of one cipher family, or of one kind of keys. Families backwards, so that the answers show different suites. */
static code_list part_of(const hunt *h, bool by_family, int which)
{
    code_list list = {.codes = ARENA_ARRAY(h->arena, h->candidates.num_codes, uint16_t)};
    size_t num = h->candidates.num_codes;
    for (size_t i = 0; i < num; i++) {
        const cipher_suite_row *row = cipher_suite_find(h->candidates.codes[by_family ? num - 1 - i : i]);
        if (by_family ? (int)family_of(row) == which : (int)keys_of(row) == which)
            list.codes[list.num_codes++] = row->code;
    }
    return list;
}

void topic_hints(hunt *h)
{
    for (int i = 0; i < FAMILY_COUNT; i++)
        h->hints[h->num_hints++] = part_of(h, true, i);
    for (int i = 0; i < KEYS_COUNT; i++)
        h->hints[h->num_hints++] = part_of(h, false, i);
}

static void learn_from(const hunt *h, bool families[FAMILY_COUNT], bool keys[KEYS_COUNT])
{
    for (size_t i = 0; i < h->num_sightings; i++) {
        const cipher_suite_row *row = h->sightings[i].chosen == 0 ? NULL : cipher_suite_find(h->sightings[i].chosen);
        if (row == NULL)
            continue;
        families[family_of(row)] = true;
        keys[keys_of(row)] = true;
    }
}

void topic_guess(hunt *h, const hunt *donor)
{
    bool families[FAMILY_COUNT] = {0}, keys[KEYS_COUNT] = {0};
    code_list known = codes_from(h->arena, openssl_order, NUM(openssl_order));
    learn_from(donor, families, keys);
    h->guessed_order = donor->order;
    for (size_t i = 0; i < h->candidates.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(h->candidates.codes[i]);
        bool is_tls13 = row->version_min >= VERSION_TLS13;
        h->likely[i] = is_tls13 ? row->code >= 0x1301 && row->code <= 0x1303
                                : codes_contain(known, row->code) && families[family_of(row)] && keys[keys_of(row)];
    }
}

/* ---- groups and schemes -------------------------------------------------------------------------------------------- */

static code_list old_groups(arena *a)
{
    code_list list = {.codes = ARENA_ARRAY(a, num_group_rows, uint16_t)};
    for (size_t i = 0; i < num_group_rows; i++)
        if (group_rows[i].kind == GROUP_EC)
            list.codes[list.num_codes++] = group_rows[i].code;
    return list;
}

/* TOPIC_SSL3 to TOPIC_TLS13 follow each other as the versions do. */
static uint16_t suites_version(unsigned topic)
{
    return (uint16_t)(VERSION_SSL3 + topic);
}

code_list topic_candidates(arena *a, unsigned topic)
{
    switch (topic) {
    case TOPIC_GROUPS13:
        return codes_joined(a, codes_from(a, usual_groups_tls13, NUM(usual_groups_tls13)),
                            codes_from(a, rare_groups_tls13, NUM(rare_groups_tls13)));
    case TOPIC_GROUPS12:
        return codes_joined(a, codes_from(a, usual_groups_tls12, NUM(usual_groups_tls12)), old_groups(a));
    case TOPIC_SCHEMES13:
        return broad_schemes(a, VERSION_TLS13);
    case TOPIC_SCHEMES12:
        return broad_schemes(a, VERSION_TLS12);
    case TOPIC_ALPN:
        return application_protocols(a);
    default:
        return suites_of(a, suites_version(topic));
    }
}

/* ---- hellos --------------------------------------------------------------------------------------------------------- */

client_hello survey_hello(const survey *s, uint16_t version)
{
    broad_options options = {.server_name = s->settings.server_name, .extended_master_secret = true};
    client_hello hello = broad_hello(s->arena, s->tools, version, &options), own;
    bool all_are_ours = version == VERSION_TLS13 && hello_with_own_keys(s->arena, s->tools, &hello, &own);
    return all_are_ours ? own : hello;
}

/* Suites of which each needs what the hunt is about: an ephemeral key that is signed. */
static code_list signing_suites(arena *a, bool elliptic_only)
{
    code_list all = broad_suites(a, VERSION_TLS12, false), list = {.codes = ARENA_ARRAY(a, all.num_codes, uint16_t)};
    for (size_t i = 0; i < all.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(all.codes[i]);
        if (row->key_exchange == SUITE_KX_ECDHE || (!elliptic_only && row->key_exchange == SUITE_KX_DHE))
            list.codes[list.num_codes++] = row->code;
    }
    return list;
}

static client_hello with_protocols(arena *a, const client_hello *hello, code_list numbers)
{
    bytes_view *names = ARENA_ARRAY(a, numbers.num_codes, bytes_view);
    for (size_t i = 0; i < numbers.num_codes; i++)
        names[i] = bytes_from_text(application_protocol_name(a, numbers.codes[i]));
    return hello_with_alpn(a, hello, names, numbers.num_codes);
}

client_hello survey_offer(const survey *s, unsigned topic, code_list offer)
{
    arena *a = s->arena;
    client_hello hello = survey_hello(s, topic_version(s, topic));
    switch (topic) {
    case TOPIC_GROUPS13: /* no share: the server has to say which one it wants, also where its keys could not be made here */
        hello = hello_with_groups(a, &hello, offer);
        return hello_with_key_shares(a, &hello, NULL, 0);
    case TOPIC_GROUPS12:
        hello = hello_with_cipher_suites(a, &hello, signing_suites(a, true));
        return hello_with_groups(a, &hello, offer);
    case TOPIC_SCHEMES12:
        hello = hello_with_cipher_suites(a, &hello, signing_suites(a, false));
        return hello_with_signature_schemes(a, &hello, offer);
    case TOPIC_SCHEMES13:
        return hello_with_signature_schemes(a, &hello, offer);
    case TOPIC_ALPN:
        return with_protocols(a, &hello, offer);
    case TOPIC_TLS13:
        return hello_with_cipher_suites(a, &hello, offer);
    default:
        return hello_with_cipher_suites(a, &hello, codes_joined(a, offer, codes_one(a, SUITE_EMPTY_RENEGOTIATION_INFO)));
    }
}

/* CLIENT-HELLO of SSL 2.0 alone, with all of its ciphers (draft-hickman-netscape-ssl-00, 2.5 and C.3). */
client_hello survey_hello_ssl2(const survey *s)
{
    static const uint8_t specs[] = {1, 0, 0x80, 2, 0, 0x80, 3, 0, 0x80, 4, 0, 0x80, 5, 0, 0x80, 6, 0, 0x40, 7, 0, 0xC0};
    uint8_t challenge[16];
    s->tools->random_bytes(s->tools->user, challenge, sizeof challenge);
    return (client_hello){.format = HELLO_FORMAT_SSLV2,
                          .legacy_version = VERSION_SSL2,
                          .random = bytes_copy(s->arena, bytes_from(challenge, sizeof challenge)),
                          .sslv2_cipher_specs = bytes_copy(s->arena, bytes_from(specs, sizeof specs))};
}
