/*
 * Hellos of our own, as agreeable as can be: many suites, groups and schemes, and no extension that is not needed.
 * Ownership: hellos and lists live in the arena given.
 * Small, below 400 bytes with a usual name: some boxes break on large ones.
 */
#ifndef TLSWHY_DIAGNOSE_BROAD_H
#define TLSWHY_DIAGNOSE_BROAD_H

#include "causes/change.h"

typedef struct broad_options {
    bytes_view server_name; /* empty: none is sent */
    bool extended_master_secret;
    bool no_extensions;      /* up to TLS 1.2 */
    bool rare_suites;        /* what is not offered otherwise: anonymous, PSK, NULL, export, national ciphers */
    size_t message_len;      /* padded to that; 0: as it comes */
    uint16_t record_version; /* 0: the usual one */
} broad_options;

/* One version alone: VERSION_SSL3 to VERSION_TLS13. */
client_hello broad_hello(arena *a, const diagnosis_tools *tools, uint16_t version, const broad_options *options);
/* All versions from TLS 1.0 to 1.3 in one hello. */
client_hello broad_hello_of_all_versions(arena *a, const diagnosis_tools *tools, const broad_options *options);

code_list broad_suites(arena *a, uint16_t version, bool rare);
code_list broad_groups(arena *a, uint16_t version);
code_list broad_schemes(arena *a, uint16_t version);

#endif
