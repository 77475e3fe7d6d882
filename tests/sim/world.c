#include "world.h"

#include "demands.h"
#include "registry/registry.h"
#include "wire/hello_edit.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXTENSION_EMS = 23, EXTENSION_ALPN = 16, EXTENSION_PADDING = 21, SUITE_FALLBACK_SCSV = 0x5600, DRAWS_MAX = 40 };

#define LIST(array) ((code_list){.codes = (uint16_t *)(uintptr_t)(array), .num_codes = sizeof(array) / sizeof *(array)})

static const uint16_t all_versions[] = {VERSION_SSL3, VERSION_TLS10, VERSION_TLS11, VERSION_TLS12, VERSION_TLS13};
/* What servers of today and of twenty years ago are configured with. */
static const uint16_t server_suites[] = {0x1301, 0x1302, 0x1303, 0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8,
                                         0xC009, 0xC00A, 0xC013, 0xC014, 0xC023, 0xC024, 0xC027, 0xC028, 0x009E,
                                         0x009F, 0x0033, 0x0039, 0x0067, 0x006B, 0x009C, 0x009D, 0x002F, 0x0035,
                                         0x003C, 0x003D, 0x000A, 0x0005, 0x0041, 0x0084, 0xC012, 0xC008};
static const uint16_t server_groups[] = {0x001D, 0x0017, 0x0018, 0x0019, 0x001E, 0x001A, 0x001B, 0x0016, 0x0100, 0x0101};
static const uint16_t server_schemes[] = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806,
                                          0x0401, 0x0501, 0x0601, 0x0807, 0x0201, 0x0203};

static const char *const causes[OBSTACLE_COUNT] = {
    "client-version-too-old",
    "server-version-too-old",
    "version-intolerance",
    "sslv2-hello-rejected",
    "inappropriate-fallback",
    "no-shared-cipher",
    "no-shared-group",
    "no-shared-signature-algorithm",
    "sni-missing",
    "sni-unrecognized",
    "alpn-mismatch",
    "ems-required",
    "extension-intolerance",
    "extension-intolerance",
    "hello-size-intolerance",
    "record-version-intolerance",
    "hello-size-intolerance",
    "server-drops-all",
    "handshake-timeout",
    "not-tls",
    "starttls-needed",
    "psk-rejected",
    "unknown",
    "sni-unrecognized",
    "hello-size-intolerance",
    "record-version-intolerance",
    "no-shared-group",
    "no-shared-signature-algorithm",
    "no-shared-cipher",
    "no-shared-group",
    "unknown",
};

const char *obstacle_cause(enum obstacle o)
{
    return causes[o];
}

/* ---- hellos ---------------------------------------------------------------------------------------------------------- */

static int by_name(const struct dirent **one, const struct dirent **other)
{
    return strcmp((*one)->d_name, (*other)->d_name);
}

static bool read_hello(arena *a, const char *path, client_hello *out)
{
    static uint8_t bytes[65536];
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return false;
    size_t len = fread(bytes, 1, sizeof bytes, f);
    fclose(f);
    return client_hello_parse(a, bytes_copy(a, bytes_from(bytes, len)), out) <= PARSE_NOTE;
}

bool hello_store_read(arena *a, const char *folder, hello_store *out)
{
    struct dirent **entries;
    int num = scandir(folder, &entries, NULL, by_name);
    for (int i = 0; i < num; i++) {
        const char *name = entries[i]->d_name, *path = arena_printf(a, "%s/%s", folder, name);
        bool is_hello = strlen(name) > 4 && strcmp(name + strlen(name) - 4, ".bin") == 0;
        if (is_hello && out->num_hellos < 128 && read_hello(a, path, &out->hellos[out->num_hellos]))
            out->names[out->num_hellos++] = arena_printf(a, "%s", name);
        free(entries[i]);
    }
    free(num >= 0 ? entries : NULL);
    return out->num_hellos > 10;
}

/* ---- clients ----------------------------------------------------------------------------------------------------------- */

static client_hello with_grease(arena *a, const client_hello *hello)
{
    client_hello out = hello_with_cipher_suites(a, hello, codes_joined(a, codes_one(a, 0x3A3A), hello->cipher_suites));
    return hello_with_extension(a, &out, 0x5A5A, bytes_from(NULL, 0));
}

static client_hello without_tls13(arena *a, const client_hello *hello)
{
    client_hello out = hello_with_versions(a, hello, (code_list){0});
    return hello_without_extension(a, &out, 51);
}

client_hello client_draw(dice *d, arena *a, const hello_store *store, pair *p)
{
    size_t index = dice_below(d, store->num_hellos);
    client_hello out = store->hellos[index];
    p->hello_file = store->names[index];
    if (out.format == HELLO_FORMAT_SSLV2)
        return out;
    if (dice_says(d, 15))
        out = without_tls13(a, &out);
    if (out.has_extensions)
        out = dice_says(d, 20) ? hello_with_server_name(a, &out, bytes_from(NULL, 0))
                               : hello_with_server_name(a, &out, bytes_from_text(HOST_NAME));
    if (dice_says(d, 20))
        out = hello_without_extension(a, &out, EXTENSION_ALPN);
    if (dice_says(d, 15) && out.has_extensions)
        out = with_grease(a, &out);
    if (dice_says(d, 20)) {
        code_list kept = dice_some(d, a, out.cipher_suites, 60);
        out = kept.num_codes > 0 ? hello_with_cipher_suites(a, &out, kept) : out;
    }
    return out;
}

/* ---- servers ----------------------------------------------------------------------------------------------------------- */

static code_list versions_between(arena *a, size_t low, size_t high)
{
    return codes_from(a, all_versions + low, high - low + 1);
}

/* Families: what is drawn together. */
static void draw_manners(dice *d, sim_server *s)
{
    static const enum reaction refusals[] = {REACT_ALERT, REACT_ALERT, REACT_ALERT, REACT_CLOSE, REACT_RESET};
    static const enum reaction breaks[] = {REACT_ALERT, REACT_CLOSE, REACT_RESET, REACT_SILENCE};
    static const uint8_t alerts[] = {40, 47, 50, 70, 80, 10};
    s->refusing = refusals[dice_below(d, 5)];
    s->breaking = breaks[dice_below(d, 4)];
    s->breaking_alert = alerts[dice_below(d, 6)];
    s->prefers_own_order = dice_says(d, 60);
    s->refuses_absent_schemes = dice_says(d, 20);
    s->minds_fallback = dice_says(d, 50);
    s->reads_sslv2 = dice_says(d, 50);
    s->breaks_on_extension = -1;
}

static sim_server draw_server(dice *d, arena *a, const client_hello *hello)
{
    sim_server s = {.manner = MANNER_TLS};
    draw_manners(d, &s);
    size_t low = dice_below(d, 4), high = low + dice_below(d, 5 - low);
    high = high == 0 ? 1 : high; /* SSL 3.0 alone reads no extensions: nothing could hang on one */
    s.versions = versions_between(a, low, high);
    s.suites = codes_joined(a, dice_some(d, a, LIST(server_suites), 40),
                            dice_some(d, a, codes_in_both(a, hello->cipher_suites, LIST(server_suites)), 50));
    s.groups = codes_joined(a, dice_some(d, a, LIST(server_groups), 30), codes_one(a, dice_says(d, 50) ? 0x0017 : 0x001D));
    s.schemes = dice_some(d, a, LIST(server_schemes), 70);
    s.has_rsa = dice_says(d, 80);
    s.has_ecdsa = !s.has_rsa || dice_says(d, 30);
    s.has_ed25519 = dice_says(d, 10);
    return s;
}

bool retry_can_be_followed(uint16_t group)
{
    return group < 0x0200; /* IANA TLS Supported Groups: ML-KEM begins there */
}

static bool accepts(arena *a, const sim_server *s, const client_hello *hello, bool upgraded)
{
    sim_answer given = sim_server_answer(a, s, hello, upgraded);
    if (!given.wants_retry || !retry_can_be_followed(given.retry_group))
        return given.accepts || given.wants_retry;
    key_share share = {.group = given.retry_group,
                       .key_exchange = bytes_copy(a, bytes_from("0123456789abcdef0123456789abcdef", 32))};
    client_hello again = hello_after_retry(a, hello, &share, bytes_from(NULL, 0));
    return sim_server_answer(a, s, &again, upgraded).accepts;
}

bool server_accepts(arena *a, const sim_server *s, const client_hello *hello)
{
    return accepts(a, s, hello, true);
}

bool server_accepts_at_once(arena *a, const sim_server *s, const client_hello *hello)
{
    return accepts(a, s, hello, false);
}

/* ---- obstacles: each makes a pair that works into one that does not ----------------------------------------------------- */

static bool only_versions(arena *a, pair *p, bool above)
{
    code_list offered = client_hello_versions(a, &p->hello), kept = {.codes = ARENA_ARRAY(a, 5, uint16_t)};
    uint16_t bound = above ? codes_max(offered) : client_hello_version_min_stated(&p->hello);
    for (size_t i = 0; i < 5; i++)
        if (above ? all_versions[i] > bound : all_versions[i] < bound)
            kept.codes[kept.num_codes++] = all_versions[i];
    p->server.versions = kept;
    return kept.num_codes > 0 && bound != 0;
}

static bool client_too_old(dice *d, arena *a, pair *p)
{
    if (!only_versions(a, p, true))
        return false;
    size_t skipped = dice_below(d, p->server.versions.num_codes);
    p->server.versions = codes_from(a, p->server.versions.codes + skipped, p->server.versions.num_codes - skipped);
    p->server.suites = codes_joined(a, p->server.suites, codes_from(a, (const uint16_t[]){0x1301, 0xC02F, 0xC02B, 0x002F}, 4));
    return true;
}

static bool server_too_old(dice *d, arena *a, pair *p)
{
    (void)d;
    if (!only_versions(a, p, false))
        return false;
    p->server.suites = codes_joined(a, p->server.suites, codes_from(a, (const uint16_t[]){0xC013, 0xC009, 0x002F, 0x000A}, 4));
    return p->server.has_rsa; /* SSL 3.0 has no other */
}

static bool version_intolerance(dice *d, arena *a, pair *p)
{
    code_list offered = client_hello_versions(a, &p->hello);
    (void)d;
    if (offered.num_codes < 2)
        return false;
    uint16_t below = offered.codes[1 + dice_below(d, offered.num_codes - 1)];
    code_list kept = {.codes = ARENA_ARRAY(a, 5, uint16_t)};
    for (size_t i = 0; i < p->server.versions.num_codes; i++)
        if (p->server.versions.codes[i] <= below)
            kept.codes[kept.num_codes++] = p->server.versions.codes[i];
    p->server.versions = kept;
    p->server.breaks_above_version = codes_max(kept);
    return codes_max(kept) > VERSION_SSL3;
}

static bool sslv2(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    p->server.reads_sslv2 = false;
    return p->hello.format == HELLO_FORMAT_SSLV2;
}

/* Nothing else may be in the way: the versions that the server has now may want another scheme of its key. */
static bool fallback(dice *d, arena *a, pair *p)
{
    client_hello without = p->hello;
    (void)d;
    p->hello = hello_with_cipher_suites(a, &p->hello, codes_joined(a, p->hello.cipher_suites, codes_one(a, SUITE_FALLBACK_SCSV)));
    p->server.minds_fallback = true;
    p->server.versions = codes_joined(a, p->server.versions, LIST(all_versions));
    return client_hello_version_max(&p->hello) < VERSION_TLS13 && server_accepts(a, &p->server, &without);
}

static bool no_suite(dice *d, arena *a, pair *p)
{
    code_list others = codes_without(a, LIST(server_suites), p->hello.cipher_suites);
    p->server.suites = dice_some(d, a, others, 60);
    client_hello with = hello_with_cipher_suites(a, &p->hello, codes_joined(a, p->hello.cipher_suites, p->server.suites));
    return server_accepts(a, &p->server, &with);
}

static bool no_group(dice *d, arena *a, pair *p)
{
    code_list own = client_hello_groups(a, &p->hello);
    p->server.groups = dice_some(d, a, codes_without(a, LIST(server_groups), own), 50);
    client_hello with = hello_with_groups(a, &p->hello, codes_joined(a, own, p->server.groups));
    return own.num_codes > 0 && server_accepts(a, &p->server, &with);
}

static bool no_scheme(dice *d, arena *a, pair *p)
{
    code_list own = client_hello_signature_schemes(a, &p->hello);
    code_list kept = own.num_codes == 0 ? own : dice_some(d, a, own, 40);
    if (kept.num_codes > 0)
        p->hello = hello_with_signature_schemes(a, &p->hello, kept);
    p->server.schemes = dice_some(d, a, codes_without(a, LIST(server_schemes), kept), 50);
    p->server.refuses_absent_schemes = true;
    client_hello with = hello_with_signature_schemes(a, &p->hello, codes_joined(a, kept, p->server.schemes));
    return p->hello.has_extensions && server_accepts(a, &p->server, &with);
}

static bool name_missing(dice *d, arena *a, pair *p)
{
    (void)d;
    p->hello = hello_with_server_name(a, &p->hello, bytes_from(NULL, 0));
    p->server.name_rule = NAME_REQUIRED;
    return p->hello.format == HELLO_FORMAT_TLS && p->hello.has_extensions;
}

static bool name_unknown(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    p->server.name_rule = NAME_KNOWN_ONLY;
    p->server.name = bytes_from_text("known.example.com");
    return client_hello_server_name(&p->hello).len > 0;
}

static bool other_alpn(dice *d, arena *a, pair *p)
{
    bytes_view protocols[] = {bytes_from_text("h2"), bytes_from_text("http/1.1")};
    p->server.alpn = bytes_from_text("imap");
    p->hello = hello_with_alpn(a, &p->hello, protocols, dice_says(d, 50) ? 1 : 2);
    return p->hello.format == HELLO_FORMAT_TLS;
}

static bool needs_ems(dice *d, arena *a, pair *p)
{
    (void)d;
    p->hello = hello_without_extension(a, &p->hello, EXTENSION_EMS);
    p->server.wants_ems = true;
    return p->hello.format == HELLO_FORMAT_TLS && p->hello.has_extensions;
}

/* Not those that carry a feature or frame others: the catalogue never names them. */
static bool breaks_on_extension(dice *d, arena *a, pair *p)
{
    static const uint16_t carriers[] = {0, 10, 13, 16, 21, 43, 51, 41, 42, 44};
    code_list types = {.codes = ARENA_ARRAY(a, p->hello.num_extensions, uint16_t)};
    for (size_t i = 0; i < p->hello.num_extensions; i++)
        if (!codes_contain(LIST(carriers), p->hello.extensions[i].type) && !code_is_grease(p->hello.extensions[i].type))
            types.codes[types.num_codes++] = p->hello.extensions[i].type;
    if (types.num_codes == 0)
        return false;
    p->server.breaks_on_extension = types.codes[dice_below(d, types.num_codes)];
    return true;
}

static bool breaks_on_grease(dice *d, arena *a, pair *p)
{
    (void)d;
    p->hello = with_grease(a, &p->hello);
    p->server.breaks_on_grease = true;
    return p->hello.format == HELLO_FORMAT_TLS;
}

/* A window that the hello is in; or a bound that it is above, where the same offer can be made smaller. */
static bool breaks_on_size(dice *d, arena *a, pair *p)
{
    size_t len = hello_message_len(a, &p->hello);
    if (len > 1000) {
        p->server.breaks_from_len = 800 + dice_below(d, len - 800);
        p->server.breaks_to_len = 1000000;
    } else {
        p->server.breaks_from_len = len - dice_below(d, len < 256 ? len : len - 255);
        p->server.breaks_to_len = len < 512 ? 511 : len + dice_below(d, 60);
    }
    return p->hello.format == HELLO_FORMAT_TLS;
}

static bool breaks_on_record_version(dice *d, arena *a, pair *p)
{
    (void)d;
    client_hello with =
        hello_with_record_version(a, &p->hello, p->hello.record_version == VERSION_TLS10 ? VERSION_TLS12 : VERSION_TLS10);
    p->server.breaks_on_record_version = p->hello.record_version;
    /* After a retry the second hello has TLS 1.2 there, whatever the first one had: changing the header alone has to be enough. */
    return p->hello.format == HELLO_FORMAT_TLS && server_accepts(a, &p->server, &with);
}

static bool breaks_on_pieces(dice *d, arena *a, pair *p)
{
    size_t len = hello_message_len(a, &p->hello);
    if (p->hello.format != HELLO_FORMAT_TLS || len < 60)
        return false;
    p->hello.fragment_lens = ARENA_ARRAY(a, 2, size_t);
    p->hello.fragment_lens[0] = 10 + dice_below(d, 40);
    p->hello.fragment_lens[1] = len - p->hello.fragment_lens[0];
    p->hello.num_fragments = 2;
    p->server.breaks_on_pieces = true;
    return true;
}

static bool drops_all(dice *d, arena *a, pair *p)
{
    (void)a;
    p->server.manner = MANNER_DROPS_ALL;
    p->server.breaking = dice_says(d, 50) ? REACT_RESET : dice_says(d, 50) ? REACT_CLOSE : REACT_ALERT;
    return true;
}

static bool silence(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    p->server.manner = MANNER_DROPS_ALL;
    p->server.breaking = REACT_SILENCE;
    return true;
}

static bool http(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    p->server.manner = MANNER_HTTP;
    return true;
}

static bool smtp(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    p->server.manner = MANNER_SMTP;
    return p->hello.format == HELLO_FORMAT_TLS;
}

/* A session or key of which the server wants to know nothing, and for which it does not fall back (RFC 8446, 4.2.11). */
static bool refuses_psk(dice *d, arena *a, pair *p)
{
    static const uint8_t alerts[] = {40, 47, 51, 115};
    static const uint8_t offer[] = "\x00\x26\x00\x20"
                                   "0123456789abcdef0123456789abcdef"
                                   "\x00\x00\x00\x01"
                                   "\x00\x21\x20"
                                   "0123456789abcdef0123456789abcdef";
    if (!codes_contain(client_hello_versions(a, &p->hello), VERSION_TLS13))
        return false;
    if (client_hello_extension(&p->hello, 45) == NULL)
        p->hello = hello_with_extension(a, &p->hello, 45, bytes_copy(a, bytes_from("\x01\x01", 2)));
    p->hello = hello_with_extension(a, &p->hello, 41, bytes_copy(a, bytes_from(offer, sizeof offer - 1)));
    p->server.breaks_on_extension = 41;
    p->server.breaking = dice_says(d, 70) ? REACT_ALERT : dice_says(d, 50) ? REACT_CLOSE : REACT_RESET;
    p->server.breaking_alert = alerts[dice_below(d, sizeof alerts)];
    return true;
}

static bool elsewhere(dice *d, arena *a, pair *p)
{
    (void)d;
    (void)a;
    (void)p;
    return true;
}

typedef bool put_function(dice *d, arena *a, pair *p);
static put_function *const put_obstacle[OBSTACLES_PLAIN] = {
    client_too_old,
    server_too_old,
    version_intolerance,
    sslv2,
    fallback,
    no_suite,
    no_group,
    no_scheme,
    name_missing,
    name_unknown,
    other_alpn,
    needs_ems,
    breaks_on_extension,
    breaks_on_grease,
    breaks_on_size,
    breaks_on_record_version,
    breaks_on_pieces,
    drops_all,
    silence,
    http,
    smtp,
    refuses_psk,
    elsewhere,
};

bool obstacle_put(enum obstacle o, dice *d, arena *a, pair *p)
{
    return o < OBSTACLES_PLAIN ? put_obstacle[o](d, a, p) : hard_obstacle_put(o, d, a, p);
}

/* ---- pairs --------------------------------------------------------------------------------------------------------------- */

/* Nobody runs a server whose newest version works with no client at all. */
static bool is_sane(arena *a, const hello_store *store, const sim_server *s)
{
    sim_server newest = *s;
    newest.versions = codes_one(a, codes_max(s->versions));
    for (size_t i = 0; i < store->num_hellos; i++)
        if (store->hellos[i].format == HELLO_FORMAT_TLS && server_accepts(a, &newest, &store->hellos[i]))
            return true;
    return false;
}

static bool draw_working_pair(dice *d, arena *a, const hello_store *store, pair *p)
{
    for (size_t i = 0; i < DRAWS_MAX; i++) {
        p->hello = client_draw(d, a, store, p);
        p->server = draw_server(d, a, &p->hello);
        if (p->hello.format == HELLO_FORMAT_SSLV2)
            p->server.reads_sslv2 = true;
        if (server_accepts(a, &p->server, &p->hello) && is_sane(a, store, &p->server))
            return true;
    }
    return false;
}

/* Two that are each enough to fail, and neither of which goes away with the other. */
static bool add_second(dice *d, arena *a, pair *p)
{
    static const enum obstacle seconds[] = {OBSTACLE_NAME_MISSING, OBSTACLE_ALPN};
    bool fits = p->obstacle == OBSTACLE_CLIENT_TOO_OLD || p->obstacle == OBSTACLE_SUITE || p->obstacle == OBSTACLE_GROUP;
    p->second = seconds[dice_below(d, 2)];
    if (!fits || p->hello.format != HELLO_FORMAT_TLS || !p->hello.has_extensions)
        return true;
    p->has_second = true;
    return put_obstacle[p->second](d, a, p);
}

static void draw_steadiness(dice *d, pair *p)
{
    if (p->obstacle >= OBSTACLE_DROPS_ALL || dice_says(d, 85))
        return;
    p->steadiness = dice_says(d, 50) ? FAILS_BY_CHANCE : dice_says(d, 50) ? ONE_BACKEND : ONE_ADDRESS;
    p->percent = p->steadiness == FAILS_BY_CHANCE ? 3 + (unsigned)dice_below(d, 20) : 17 + (unsigned)dice_below(d, 30);
}

bool pair_draw(arena *a, const hello_store *store, uint64_t seed, enum obstacle wanted, pair *out)
{
    dice d = {.state = seed};
    *out = (pair){.steadiness = STEADY, .num_addresses = 1};
    out->obstacle = wanted == OBSTACLE_COUNT ? (enum obstacle)dice_below(&d, OBSTACLES_PLAIN) : wanted;
    if (!draw_working_pair(&d, a, store, out))
        return false;
    out->other = out->server;
    if (!put_obstacle[out->obstacle](&d, a, out))
        return false;
    bool has_to_work = out->obstacle == OBSTACLE_CLIENT_TOO_OLD || out->obstacle == OBSTACLE_VERSION_INTOLERANCE;
    if (has_to_work && !is_sane(a, store,
                                &(sim_server){.manner = MANNER_TLS,
                                              .versions = out->server.versions,
                                              .suites = out->server.suites,
                                              .groups = out->server.groups,
                                              .schemes = out->server.schemes,
                                              .has_rsa = out->server.has_rsa,
                                              .has_ecdsa = out->server.has_ecdsa,
                                              .has_ed25519 = out->server.has_ed25519,
                                              .breaks_on_extension = -1}))
        return false;
    bool fails = !accepts(a, &out->server, &out->hello, false);
    if (fails == (out->obstacle == OBSTACLE_ELSEWHERE))
        return false;
    if (dice_says(&d, 15) && !add_second(&d, a, out))
        return false;
    draw_steadiness(&d, out);
    out->num_addresses = out->steadiness == ONE_ADDRESS ? 2 : 1;
    /* The other backend has to take what this one refuses. */
    bool needs_other = out->steadiness == ONE_BACKEND || out->steadiness == ONE_ADDRESS;
    return !needs_other || server_accepts(a, &out->other, &out->hello);
}
