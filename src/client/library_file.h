/*
 * What a file says of the TLS library that is in it: by the texts that each library carries.
 * Ownership: texts live in the arena given. A file is hostile input: it is read in pieces, up to a bound.
 */
#ifndef TLSWHY_CLIENT_LIBRARY_FILE_H
#define TLSWHY_CLIENT_LIBRARY_FILE_H

#include "client/client.h"

/* The first library whose mark is in the file, with its version. False where there is none, or the file cannot be read. */
bool library_in_file(arena *a, const char *path, tls_library *out);
/* The same for one kind alone: what is wanted from a file whose name says what it is. */
bool library_of_kind_in_file(arena *a, const char *path, enum library_kind kind, tls_library *out);
/* The folder with openssl.cnf and certificates that was compiled into a libcrypto (OPENSSLDIR); NULL where it is none. */
const char *openssl_folder_in_file(arena *a, const char *path);

/* The GODEBUG settings that a Go program was built with (by its go.mod, or lines "//go:debug"), as its build information has them;
 * NULL where there are none. */
const char *go_debug_in_file(arena *a, const char *path);

/* Names of shared TLS libraries that stand in the file as texts ("libssl.so.3"), as what loads them by name has them; returns how
 * many, at most `max`. */
size_t library_names_in_file(arena *a, const char *path, const char **names, size_t max);

/* The version at the start of `text`: digits and points, and the letters of OpenSSL's old way. NULL where there is none. */
const char *version_at(arena *a, bytes_view text);

#endif
