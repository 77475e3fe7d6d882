/*
 * What the files of the judgement share: the certificates as libcrypto has read them. Not for other rooms.
 * Ownership: a `trust_state` owns its X509s until trust_judge returns.
 */
#ifndef TLSWHY_CRYPTO_TRUST_INNER_H
#define TLSWHY_CRYPTO_TRUST_INNER_H

#include "crypto/trust.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#define TRUST_SENT_MAX ((size_t)256)

typedef struct trust_state {
    arena *arena;
    const trust_question *question;
    trust_judgement *judgement;
    X509 *sent[TRUST_SENT_MAX]; /* NULL where one cannot be read */
    size_t num_sent;
    size_t leaf;                     /* its position */
    X509_STORE *store;               /* the anchors */
    X509 **known;                    /* those of `question->known`; NULL where one cannot be read */
    STACK_OF(X509) * untrusted;      /* what was sent, without the leaf; borrowed references */
    STACK_OF(X509) * untrusted_more; /* and what is known from elsewhere */
    X509 *issuer;                    /* of the leaf, in the path that was built; NULL unknown; borrowed from `path` */
    STACK_OF(X509) * path;
} trust_state;

/* A finding with what can be said of its certificate filled in (NULL: none is at fault); added, unless the same is there. NULL
 * where it was not added. */
trust_finding *trust_add(trust_state *s, enum trust_kind kind, const X509 *certificate, const char *detail);
int trust_position_of(const trust_state *s, const X509 *certificate);

/* Which anchors and which of the known certificates may be on a path, by their names. */
typedef struct trust_choice {
    bool *anchors, *known;
} trust_choice;
trust_choice trust_choose(arena *a, const trust_question *q);
/* An anchor of the same organization as an issuer that is missing: then that one is likely to be below it. NULL none. */
const char *trust_relative_of(arena *a, const trust_question *q, bytes_view issuer);

/* CRLs, the stapled response, the promise to staple. */
void trust_judge_status(trust_state *s);
/* Why libcrypto says so, as a clause. */
const char *trust_purpose_text(arena *a, const X509 *certificate, int code);
const char *trust_weakness_text(arena *a, const X509 *certificate, int code, int level);
const char *trust_aia_text(arena *a, const X509 *certificate);
bool trust_signed_with_sha1(const X509 *certificate);

#endif
