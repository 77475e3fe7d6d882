/*
 * A client's own certificate and key, as files have them: can they be used together? Pure: bytes in, a sentence out. No key
 * or password is kept, and none asked for. Ownership: texts are constant or in the arena given.
 */
#ifndef TLSWHY_CRYPTO_CREDENTIALS_H
#define TLSWHY_CRYPTO_CREDENTIALS_H

#include "base/bytes.h"

/* What is wrong, a clause that goes after the file's name ("holds no certificate"), or NULL where it will do. Both may be PEM or
 * DER; a key that is protected by a password is fine, as far as can be told. */
const char *certificate_file_problem(bytes_view content);
const char *key_file_problem(bytes_view content);
/* Whether the key is protected by a password and `password` (NULL: none is known) does not open it. */
bool key_file_stays_closed(bytes_view content, const char *password);
/* Whether the key belongs to the first certificate; true also where one of them cannot be read without a password. */
bool key_belongs_to_certificate(bytes_view certificate, bytes_view key);

#endif
