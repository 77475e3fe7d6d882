/* Servers come in few kinds: the orders of suites that are met most. A guess; whatever is guessed is verified. */
#include "registry/registry.h"
#include "server/survey_state.h"

#define NUM(array) (sizeof(array) / sizeof *(array))

/* What OpenSSL 3.0 has, in its order (`openssl ciphers -V ALL:COMPLEMENTOFALL:@SECLEVEL=0`), with the RC4 and 3DES suites of
 * OpenSSL 1.0.2 in the places that they had. The TLS 1.3 suites first. */
static const uint16_t of_openssl[] = {
    0x1302, 0x1303, 0x1301, 0xC02C, 0xC030, 0x00A3, 0x009F, 0xCCA9, 0xCCA8, 0xCCAA, 0xC0AF, 0xC0AD, 0xC0A3, 0xC09F, 0xC05D, 0xC061,
    0xC057, 0xC053, 0x00A7, 0xC02B, 0xC02F, 0x00A2, 0x009E, 0xC0AE, 0xC0AC, 0xC0A2, 0xC09E, 0xC05C, 0xC060, 0xC056, 0xC052, 0x00A6,
    0xC024, 0xC028, 0x006B, 0x006A, 0xC073, 0xC077, 0x00C4, 0x00C3, 0x006D, 0x00C5, 0xC023, 0xC027, 0x0067, 0x0040, 0xC072, 0xC076,
    0x00BE, 0x00BD, 0x006C, 0x00BF, 0xC00A, 0xC014, 0x0039, 0x0038, 0x0088, 0x0087, 0xC019, 0x003A, 0x0089, 0xC009, 0xC013, 0x0033,
    0x0032, 0x0045, 0x0044, 0xC018, 0x0034, 0x0046, 0x00AD, 0x00AB, 0xCCAE, 0xCCAD, 0xCCAC, 0xC0AB, 0xC0A7, 0xC06F, 0xC06D, 0x009D,
    0xC0A1, 0xC09D, 0xC051, 0x00A9, 0xCCAB, 0xC0A9, 0xC0A5, 0xC06B, 0x00AC, 0x00AA, 0xC0AA, 0xC0A6, 0xC06E, 0xC06C, 0x009C, 0xC0A0,
    0xC09C, 0xC050, 0x00A8, 0xC0A8, 0xC0A4, 0xC06A, 0x003D, 0x00C0, 0x003C, 0x00BA, 0xC038, 0xC036, 0xC022, 0xC021, 0xC020, 0x00B7,
    0x00B3, 0x0095, 0x0091, 0xC09B, 0xC099, 0xC097, 0x0035, 0x0084, 0x00AF, 0x008D, 0xC095, 0xC037, 0xC035, 0xC01F, 0xC01E, 0xC01D,
    0x00B6, 0x00B2, 0x0094, 0x0090, 0xC09A, 0xC098, 0xC096, 0x002F, 0x0041, 0x00AE, 0x008C, 0xC094, 0xC006, 0xC010, 0xC015, 0x003B,
    0xC011, 0xC007, 0x0005, 0x0004, 0xC012, 0xC008, 0x0016, 0x000A, 0xC03B, 0xC03A, 0xC039, 0x00B9, 0x00B8, 0x00B5, 0x00B4, 0x002E,
    0x002D, 0x0002, 0x0001, 0x00B1, 0x00B0, 0x002C,
};
/* Mozilla's configuration for old clients, whose beginning is the one for intermediate clients (Server Side TLS, 5.7). */
static const uint16_t of_mozilla[] = {
    0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0x009E, 0x009F, 0xCCAA, 0xC023, 0xC027, 0xC009, 0xC013,
    0xC024, 0xC028, 0xC00A, 0xC014, 0x0067, 0x006B, 0x009C, 0x009D, 0x003C, 0x003D, 0x002F, 0x0035, 0x000A,
};
/* GnuTLS 3.7: `gnutls-cli --list --priority NORMAL`. */
static const uint16_t of_gnutls[] = {
    0xC02C, 0xCCA9, 0xC0AD, 0xC00A, 0xC02B, 0xC0AC, 0xC009, 0xC030, 0xCCA8, 0xC014, 0xC02F, 0xC013, 0x009D,
    0xC09D, 0x0035, 0x009C, 0xC09C, 0x002F, 0x009F, 0xCCAA, 0xC09F, 0x0039, 0x009E, 0xC09E, 0x0033,
};
/* Go's crypto/tls on processors with AES instructions (cipherSuitesPreferenceOrder, Go 1.19). */
static const uint16_t of_go[] = {
    0xC02B, 0xC02F, 0xC02C, 0xC030, 0xCCA9, 0xCCA8, 0xC009, 0xC013, 0xC00A, 0xC014, 0x009C,
    0x009D, 0x002F, 0x0035, 0xC012, 0x000A, 0xC023, 0xC027, 0x003C, 0xC007, 0xC011, 0x0005,
};
/* Java 17: SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites(). */
static const uint16_t of_java[] = {
    0xC02C, 0xC02B, 0xCCA9, 0xC030, 0xCCA8, 0xC02F, 0x009F, 0xCCAA, 0x00A3, 0x009E, 0x00A2,
    0xC024, 0xC028, 0xC023, 0xC027, 0x006B, 0x006A, 0x0067, 0x0040, 0xC00A, 0xC014, 0xC009,
    0xC013, 0x0039, 0x0038, 0x0033, 0x0032, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F,
};
/* Windows Server 2022 (Microsoft, TLS Cipher Suites in Windows Server 2022). */
static const uint16_t of_schannel[] = {
    0xC02C, 0xC02B, 0xC030, 0xC02F, 0x009F, 0x009E, 0xC024, 0xC023, 0xC028, 0xC027, 0xC00A,
    0xC009, 0xC014, 0xC013, 0x009D, 0x009C, 0x003D, 0x003C, 0x0035, 0x002F, 0x000A,
};

static const struct {
    const uint16_t *codes;
    size_t num_codes;
} orders[] = {
    {of_openssl, NUM(of_openssl)}, {of_mozilla, NUM(of_mozilla)}, {of_gnutls, NUM(of_gnutls)},
    {of_go, NUM(of_go)},           {of_java, NUM(of_java)},       {of_schannel, NUM(of_schannel)},
};

code_list usual_suites(arena *a)
{
    return codes_from(a, of_openssl, NUM(of_openssl));
}

/* ECDHE, DHE and RSA, with either kind of certificate, GCM, ChaCha20, CBC, and the oldest: some for every version. */
code_list usual_suites_of(arena *a, uint16_t version)
{
    static const uint16_t usual[] = {0x1301, 0x1302, 0x1303, 0xC02F, 0xC02B, 0xC030, 0xC02C, 0xCCA8, 0xCCA9, 0xC027, 0xC013,
                                     0xC009, 0xC014, 0xC00A, 0x009E, 0x0033, 0x0039, 0x009C, 0x002F, 0x0035, 0x000A, 0x0005};
    code_list list = {.codes = ARENA_ARRAY(a, NUM(usual), uint16_t)};
    for (size_t i = 0; i < NUM(usual); i++)
        if (cipher_suite_fits_version(usual[i], version))
            list.codes[list.num_codes++] = usual[i];
    return list;
}

/* The candidates in that order; those that it does not have come last, as they were. */
static code_list arranged(arena *a, code_list candidates, code_list order)
{
    code_list first = {.codes = ARENA_ARRAY(a, order.num_codes, uint16_t)};
    for (size_t i = 0; i < order.num_codes; i++)
        if (codes_contain(candidates, order.codes[i]))
            first.codes[first.num_codes++] = order.codes[i];
    return codes_joined(a, first, candidates);
}

static bool comes_before(code_list order, uint16_t first, uint16_t second)
{
    for (size_t i = 0; i < order.num_codes; i++)
        if (order.codes[i] == first || order.codes[i] == second)
            return order.codes[i] == first;
    return false;
}

/* How often the server preferred a suite to one that it is known to take, against that order. */
static size_t count_contradictions(const hunt *seen, code_list order)
{
    size_t num = 0;
    for (size_t i = 0; i < seen->num_sightings; i++)
        for (size_t k = 0; k < seen->num_sightings; k++) {
            uint16_t better = seen->sightings[i].chosen, worse = seen->sightings[k].chosen;
            num += better != 0 && worse != 0 && better != worse && codes_contain(seen->sightings[i].offer, worse) &&
                   !comes_before(order, better, worse);
        }
    return num;
}

/* How often the server chose otherwise than a server of that order would that takes all that is likely. */
static size_t count_surprises(const hunt *seen, code_list order, code_list likely)
{
    size_t num = 0;
    for (size_t i = 0; i < seen->num_sightings; i++) {
        uint16_t expected = 0;
        for (size_t k = 0; k < order.num_codes && expected == 0; k++)
            if (codes_contain(likely, order.codes[k]) && codes_contain(seen->sightings[i].offer, order.codes[k]))
                expected = order.codes[k];
        num += seen->sightings[i].chosen != expected;
    }
    return num;
}

code_list suites_in_likely_order(arena *a, code_list candidates, code_list likely, const hunt *seen)
{
    enum { CONTRADICTION_COUNTS = 100 };
    code_list best = candidates;
    size_t least = SIZE_MAX;
    for (size_t i = 0; i < NUM(orders); i++) {
        code_list order = codes_from(a, orders[i].codes, orders[i].num_codes), all = arranged(a, candidates, order);
        size_t num = CONTRADICTION_COUNTS * count_contradictions(seen, all) + count_surprises(seen, order, likely);
        if (num < least)
            best = all;
        least = num < least ? num : least;
    }
    return best;
}
