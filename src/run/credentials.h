/*
 * The certificates, keys and CA files that a command's arguments name: can they be used?
 * Ownership: what is told lives in the arena given. Files are read, and nothing of them is kept but the client's own certificates.
 */
#ifndef TLSWHY_RUN_CREDENTIALS_H
#define TLSWHY_RUN_CREDENTIALS_H

#include "causes/evidence.h"

/* "/etc/ssl/client.key cannot be read: Permission denied", "... holds no certificate", "the key K does not belong to the
 * certificate C"; NULL where nothing is wrong, or none are named. */
const unusable_credential *credentials_problem(arena *a, const char *const *argv);
/* The certificate that the arguments name for the client to show; NULL where they name none. */
const given_credential *credentials_own(arena *a, const char *const *argv);

#endif
