/*
 * Families of servers: what goes together in those that are in use. A server of a family behaves as its kind does: which versions,
 * suites, groups and keys it has at once, and how it refuses.
 * Ownership: lists live in the arena given.
 */
#ifndef TLSWHY_TESTS_SIM_FAMILY_H
#define TLSWHY_TESTS_SIM_FAMILY_H

#include "server.h"

typedef struct family {
    const char *name;
    size_t low_first, low_last, high_first, high_last; /* bounds of its lowest and highest version, into SSL 3.0 to TLS 1.3 */
    code_list suites, groups, schemes;                 /* in its order */
    unsigned keeps_suites;                             /* of a hundred: how many of its suites one server is configured with */
    unsigned keeps_groups;
    unsigned own_order, rsa, ecdsa, pss_key, ed25519; /* how many of a hundred */
    unsigned minds_fallback, reads_sslv2, refuses_absent_schemes, warns_of_name;
    bool looks_at_curve;    /* up to TLS 1.2 the certificate's curve has to be among the client's groups */
    bool refuses_encrypted; /* TLS 1.3: what it cannot sign it notices after its ServerHello */
    bool shares_records;    /* several messages of its flight in one record */
    enum reaction refusing, breaking;
    uint8_t breaking_alert;
} family;

size_t num_families(void);
const family *family_at(size_t index);

/* One server of that family. */
sim_server family_server(dice *d, arena *a, const family *f);

/* Those of the server's versions in which a client that has all that the server has is served: a configuration may leave a version
 * on, and nothing that works in it. Obstacles are not looked at. */
code_list sound_versions(arena *a, const sim_server *s);

#endif
