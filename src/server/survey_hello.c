/* What a survey offers: candidates in a guessed order, families of suites, and the hellos that carry them. */
#include "diagnose/broad.h"
#include "diagnose/own_keys.h"
#include "registry/registry.h"
#include "server/survey_state.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

#include <string.h>

enum { SUITE_NULL_WITH_NULL_NULL = 0 }; /* must not be negotiated (RFC 5246, A.5) */
#define NUM(array) (sizeof(array) / sizeof *(array))

/* The groups that are common today, in the order in which OpenSSL has them; those that follow are rare. */
static const uint16_t usual_groups_tls13[] = {0x001D, 0x0017, 0x001E, 0x0019, 0x0018, 0x0100, 0x0101, 0x0102, 0x0103, 0x0104};
static const uint16_t rare_groups_tls13[] = {0x11EC, 0x11EB, 0x11ED, 0x0200, 0x0201, 0x0202, 0x001F, 0x0020, 0x0021, 0x0029};
static const uint16_t usual_groups_tls12[] = {0x001D, 0x0017, 0x001E, 0x0019, 0x0018};
static const uint16_t finite_field_groups[] = {0x0100, 0x0101, 0x0102, 0x0103, 0x0104}; /* RFC 7919 */

uint16_t topic_version(const survey *s, unsigned topic)
{
    if (topic == TOPIC_ALPN)
        return survey_highest(s, VERSION_TLS13);
    static const uint16_t versions[] = {VERSION_SSL3,  VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13,
                                        VERSION_TLS13, VERSION_TLS12, VERSION_TLS12, VERSION_TLS13, VERSION_TLS12};
    return versions[topic];
}

/* ---- suites -------------------------------------------------------------------------------------------------------- */

static code_list suites_of(arena *a, uint16_t version)
{
    code_list known = usual_suites(a);
    code_list list = {.codes = ARENA_ARRAY(a, num_cipher_suite_rows + known.num_codes, uint16_t)};
    for (size_t i = 0; i < known.num_codes; i++)
        if (cipher_suite_fits_version(known.codes[i], version))
            list.codes[list.num_codes++] = known.codes[i];
    for (size_t i = 0; i < num_cipher_suite_rows; i++) {
        const cipher_suite_row *row = &cipher_suite_rows[i];
        bool may_be_chosen = row->kind == SUITE_NORMAL && row->code != SUITE_NULL_WITH_NULL_NULL;
        if (may_be_chosen && cipher_suite_fits_version(row->code, version) && !codes_contain(known, row->code))
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

/* Those of the first family need none: the whole, offered forwards, is answered by one of them where there is any. Other keys are
 * rare, and left to the offer of what is not likely. */
void topic_hints(hunt *h)
{
    for (int i = FAMILY_MODERN + 1; i < FAMILY_COUNT; i++)
        h->hints[h->num_hints++] = part_of(h, true, i);
    for (int i = 0; i < KEYS_OTHER; i++)
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

/* What OpenSSL's PrioritizeChaCha, and Go, put first for clients that have it first: those without AES instructions. */
static code_list suites_of_mobile_clients(const hunt *h)
{
    code_list list = {.codes = ARENA_ARRAY(h->arena, h->candidates.num_codes, uint16_t)};
    for (size_t i = 0; i < h->candidates.num_codes; i++) {
        const char *cipher = cipher_suite_find(h->candidates.codes[i])->cipher;
        if (cipher != NULL && starts_with(cipher, "CHACHA20"))
            list.codes[list.num_codes++] = h->candidates.codes[i];
    }
    return list;
}

void topic_guess(hunt *h, const hunt *donor)
{
    code_list of_order = {0};
    bool families[FAMILY_COUNT] = {0}, keys[KEYS_COUNT] = {0};
    code_list known = usual_suites(h->arena), likely = {.codes = ARENA_ARRAY(h->arena, h->candidates.num_codes, uint16_t)};
    learn_from(donor, families, keys);
    h->guessed_order = hunt_order(donor) == ORDER_UNKNOWN ? donor->order : hunt_order(donor);
    for (size_t i = 0; i < h->candidates.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(h->candidates.codes[i]);
        bool is_tls13 = row->version_min >= VERSION_TLS13;
        h->likely[i] = is_tls13 ? row->code >= 0x1301 && row->code <= 0x1303
                                : codes_contain(known, row->code) && families[family_of(row)] && keys[keys_of(row)];
        if (h->likely[i])
            likely.codes[likely.num_codes++] = row->code;
    }
    h->guessed = suites_in_likely_order(h->arena, h->candidates, likely, donor, (code_list){0}, &of_order);
    h->favourites = suites_of_mobile_clients(h);
}

void topic_guess_order_again(hunt *h)
{
    enum server_order order = hunt_order(h);
    code_list known = {0}, likely = hunt_likely_ones(h);
    if (order != ORDER_SERVER && order != ORDER_MIXED)
        return;
    code_list guessed = suites_in_likely_order(h->arena, h->candidates, likely, h, h->guessed, &known);
    hunt_guess_again(h, guessed, known);
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

size_t topic_num_usual(arena *a, unsigned topic)
{
    code_list known = usual_suites(a);
    size_t num = 0;
    for (size_t i = 0; i < known.num_codes && topic <= TOPIC_TLS13; i++)
        num += cipher_suite_fits_version(known.codes[i], suites_version(topic));
    return num;
}

code_list topic_candidates(arena *a, unsigned topic)
{
    switch (topic) {
    case TOPIC_GROUPS13:
        return codes_joined(a, codes_from(a, usual_groups_tls13, NUM(usual_groups_tls13)),
                            codes_from(a, rare_groups_tls13, NUM(rare_groups_tls13)));
    case TOPIC_GROUPS12:
        return codes_joined(a, codes_from(a, usual_groups_tls12, NUM(usual_groups_tls12)), old_groups(a));
    case TOPIC_FINITE_FIELD:
        return codes_from(a, finite_field_groups, NUM(finite_field_groups));
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

/* By what the server's keys can sign; where that was not seen, what most keys can. */
static bool is_likely_scheme(uint16_t code, bool has_rsa, bool has_ecdsa, uint16_t version)
{
    static const uint16_t of_rsa[] = {0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601};
    static const uint16_t of_ecdsa_tls12[] = {0x0403, 0x0503, 0x0603}, of_ecdsa_tls13[] = {0x0403};
    bool is_tls13 = version >= VERSION_TLS13;
    code_list rsa = {.codes = (uint16_t *)(uintptr_t)of_rsa, .num_codes = is_tls13 ? 3 : 6};
    code_list ecdsa = {.codes = (uint16_t *)(uintptr_t)(is_tls13 ? of_ecdsa_tls13 : of_ecdsa_tls12), .num_codes = is_tls13 ? 1 : 3};
    return (has_rsa && codes_contain(rsa, code)) || (has_ecdsa && codes_contain(ecdsa, code));
}

void topic_guess_usual(const survey *s, unsigned topic, hunt *h)
{
    enum { USUAL_GROUPS_TLS13 = 10, USUAL_GROUPS_TLS12 = 5, USUAL_PROTOCOLS = 4 };
    bool families[FAMILY_COUNT] = {0}, keys[KEYS_COUNT] = {0};
    learn_from(&s->hunts[TOPIC_TLS12], families, keys);
    bool has_ecdsa = keys[KEYS_ECDSA], has_rsa = keys[KEYS_ECDHE_RSA] || keys[KEYS_DHE_RSA] || !has_ecdsa;
    size_t num_usual = topic == TOPIC_GROUPS13       ? USUAL_GROUPS_TLS13
                       : topic == TOPIC_GROUPS12     ? USUAL_GROUPS_TLS12
                       : topic == TOPIC_FINITE_FIELD ? NUM(finite_field_groups)
                                                     : USUAL_PROTOCOLS;
    bool is_scheme = topic == TOPIC_SCHEMES12 || topic == TOPIC_SCHEMES13;
    uint16_t version = topic == TOPIC_SCHEMES13 ? VERSION_TLS13 : VERSION_TLS12;
    for (size_t i = 0; i < h->candidates.num_codes; i++)
        h->likely[i] = is_scheme ? is_likely_scheme(h->candidates.codes[i], has_rsa, has_ecdsa, version) : i < num_usual;
    /* As OpenSSL and nginx choose. */
    h->guessed_order = topic == TOPIC_GROUPS13 || topic == TOPIC_ALPN ? ORDER_SERVER : ORDER_CLIENT;
    h->guesses_at_once = topic != TOPIC_FINITE_FIELD; /* most servers have one prime, and their keys are costly */
}

/* Where the server takes none of the usual suites: with those that it is known to take. */
static client_hello with_known_suites(const survey *s, const client_hello *hello, uint16_t version)
{
    code_list taken = {0};
    for (unsigned t = TOPIC_SSL3; t <= TOPIC_TLS13; t++)
        if (suites_version(t) == version)
            taken = hunt_taken(&s->hunts[t]);
    for (size_t i = 0; i < taken.num_codes; i++)
        if (codes_contain(hello->cipher_suites, taken.codes[i]))
            return *hello;
    return hello_with_cipher_suites(s->arena, hello, codes_joined(s->arena, hello->cipher_suites, taken));
}

client_hello survey_hello_without_hybrids(const survey *s, const client_hello *hello)
{
    code_list groups = client_hello_groups(s->arena, hello), hybrids = {.codes = ARENA_ARRAY(s->arena, groups.num_codes, uint16_t)};
    for (size_t i = 0; i < groups.num_codes; i++) {
        const group_row *row = group_find(groups.codes[i]);
        if (row != NULL && (row->kind == GROUP_HYBRID || row->kind == GROUP_MLKEM))
            hybrids.codes[hybrids.num_codes++] = groups.codes[i];
    }
    return hello_with_groups(s->arena, hello, codes_without(s->arena, groups, hybrids));
}

client_hello survey_hello(const survey *s, uint16_t version)
{
    broad_options options = {.server_name = s->settings.server_name, .extended_master_secret = true};
    client_hello hello = broad_hello(s->arena, s->tools, version, &options), own;
    hello = with_known_suites(s, &hello, version);
    hello = s->minds_hybrids ? survey_hello_without_hybrids(s, &hello) : hello;
    bool all_are_ours = version == VERSION_TLS13 && hello_with_own_keys(s->arena, s->tools, &hello, &own);
    return all_are_ours ? own : hello;
}

/* Those that the server is known to take. */
static code_list finite_field_suites(const survey *s)
{
    code_list taken = hunt_taken(&s->hunts[TOPIC_TLS12]), list = {.codes = ARENA_ARRAY(s->arena, taken.num_codes, uint16_t)};
    for (size_t i = 0; i < taken.num_codes; i++)
        if (cipher_suite_find(taken.codes[i])->key_exchange == SUITE_KX_DHE)
            list.codes[list.num_codes++] = taken.codes[i];
    return list;
}

bool survey_has_finite_field_suite(const survey *s)
{
    return finite_field_suites(s).num_codes > 0;
}

/* Suites of which each needs what the hunt is about, the usual ones and what the server is known to take: an elliptic key, or a
 * key that is signed. */
static code_list ephemeral_suites(const survey *s, bool elliptic_only)
{
    arena *a = s->arena;
    code_list all = codes_joined(a, broad_suites(a, VERSION_TLS12, false), hunt_taken(&s->hunts[TOPIC_TLS12]));
    code_list list = {.codes = ARENA_ARRAY(a, all.num_codes, uint16_t)};
    for (size_t i = 0; i < all.num_codes; i++) {
        const cipher_suite_row *row = cipher_suite_find(all.codes[i]);
        bool is_signed = row->authentication != SUITE_AUTH_ANONYMOUS;
        if (row->key_exchange == SUITE_KX_ECDHE ? elliptic_only || is_signed
                                                : row->key_exchange == SUITE_KX_DHE && !elliptic_only && is_signed)
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
        hello = hello_with_cipher_suites(a, &hello, ephemeral_suites(s, true));
        return hello_with_groups(a, &hello, offer);
    case TOPIC_FINITE_FIELD:
        hello = hello_with_cipher_suites(a, &hello, finite_field_suites(s));
        return hello_with_groups(a, &hello, offer);
    case TOPIC_SCHEMES12:
        hello = hello_with_cipher_suites(a, &hello, ephemeral_suites(s, false));
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
