/*
 * The client's hello with keys of ours in its key shares, so that the server's answer can be read.
 * Pure but for the keys, which the tools make. Ownership: the result lives in the arena given.
 */
#ifndef TLSWHY_DIAGNOSE_OWN_KEYS_H
#define TLSWHY_DIAGNOSE_OWN_KEYS_H

#include "causes/change.h"

/* Each key share whose group's keys can be made here becomes ours; the others stay as the client sent them. Returns whether all of
 * them could be made. */
bool hello_with_own_keys(arena *a, const diagnosis_tools *tools, const client_hello *hello, client_hello *out);
/* The same without the groups whose keys cannot be made here: what the server answers to it can be read. */
client_hello hello_with_own_keys_only(arena *a, const diagnosis_tools *tools, const client_hello *hello);

#endif
