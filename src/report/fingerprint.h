/*
 * Fingerprints of a hello that other tools know it by. Ownership: texts live in the arena.
 */
#ifndef TLSWHY_REPORT_FINGERPRINT_H
#define TLSWHY_REPORT_FINGERPRINT_H

#include "wire/client_hello.h"

/* JA3 (Salesforce, 2017): MD5 in hex over version, suites, extensions, groups and point formats in decimal, GREASE left out. */
const char *fingerprint_ja3(arena *a, const client_hello *hello);
/* The text that JA3 is the MD5 of. */
const char *fingerprint_ja3_text(arena *a, const client_hello *hello);
/* JA4 of a client on TCP (FoxIO, 2023; BSD-3-Clause, unlike the rest of its family). */
const char *fingerprint_ja4(arena *a, const client_hello *hello);

#endif
