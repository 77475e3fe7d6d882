/*
 * What the causes on the server's certificates share: the one thing that this client refused them for, and the words around it.
 * Pure; ownership: texts live in the facts' arena.
 */
#ifndef TLSWHY_CAUSES_CERTIFICATE_H
#define TLSWHY_CAUSES_CERTIFICATE_H

#include "causes/cause.h"
#include "client/trust_store.h"

/* What the client refused the certificates for, going by the judgement and by the alert that it sent, where that can be read. NULL:
 * it did not give up, it was told not to verify, or nothing is wrong with them. */
const trust_finding *certificate_refusal(const facts *f);
/* The same where it is of that kind and no cause that says more holds. */
const trust_finding *refused_for(const facts *f, enum trust_kind kind);

/* Those that say more than the finding alone. */
bool is_store_missing(const facts *f, const trust_finding *found);
bool is_store_different(const facts *f, const trust_finding *found);
bool is_clock_wrong(const facts *f, const trust_finding *found);

/* "the server's certificate CN=localhost (1 of 2 sent)" */
const char *refused_certificate(const facts *f, const trust_finding *found);
/* Proof by what could be read, what else is wrong, the path, and where it is a conclusion what would prove it. Call after the
 * headline is set. */
void tell_refusal(const facts *f, const trust_finding *found, verdict *v);
/* It was told by a variable which store to use, that one cannot be used, and it left before it had looked at any certificate. NULL:
 * it was not so. */
const trust_source *store_that_made_it_leave(const facts *f);
/* What of this machine the client could trust as well: another store that trusts the server; its own with the missing intermediate.
 */
void tell_trust_of_other(const facts *f, verdict *v);
void tell_trust_in(const facts *f, const trust_other *other, verdict *v);
void tell_trust_with_missing(const facts *f, verdict *v);
/* Where the missing issuer is to be had, and what --fetch brought from there, or why nothing. */
void tell_where_issuer_is(const facts *f, const trust_finding *found, verdict *v);
/* How the server's owner appends what was fetched; false where nothing was. */
bool tell_fetched_remedy(const facts *f, verdict *v);
/* Whose floor it was, as the verdict's why. */
void tell_floor(const facts *f, const trust_floor *floor, verdict *v);
/* How this client is given a file of CAs. */
void tell_trust_remedies(const facts *f, verdict *v, const char *path, const char *what);

#endif
