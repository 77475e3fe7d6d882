/*
 * no-shared-cipher where the server has no suite that goes by a certificate: a pre-shared key (RFC 4279, 5489), a password (RFC
 * 5054), or nobody's word. What is missing is no suite then, and no list of suites is a remedy. Pure. Ownership: what is told lives
 * in the arena of the diagnosis.
 */
#ifndef TLSWHY_CAUSES_SUITE_WITHOUT_CERTIFICATE_H
#define TLSWHY_CAUSES_SUITE_WITHOUT_CERTIFICATE_H

#include "causes/cause.h"

/* Headline and remedies for a suite with which the hello was accepted. */
void tell_suite_without_certificate(const facts *f, uint16_t suite, verdict *v);

#endif
