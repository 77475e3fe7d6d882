/* What is weak: a version below TLS 1.2, less than 112 bits of security, SHA-1 signatures. Pure. */
#ifndef TLSWHY_CAUSES_WEAK_H
#define TLSWHY_CAUSES_WEAK_H

#include "causes/change.h"

bool suite_is_weak(uint16_t suite);
/* OpenSSL's level 2 leaves it out (SSL_CTX_set_security_level(3)); 3DES has 112. */
bool suite_is_below_112_bits(uint16_t suite);
/* And level 1 as well. */
bool suite_is_below_80_bits(uint16_t suite);
bool scheme_is_weak(uint16_t scheme);
bool group_is_weak(uint16_t group);
/* Whether a client that offers what is changed allows what is weak. */
bool change_is_weak(const change *c);

#endif
