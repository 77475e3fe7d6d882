/*
 * An error message to the causes that people meet it with: the code spans under "How people meet it" of each cause's page
 * (doc/causes/ID.md) are what is looked for. A message alone decides nothing: several causes share most of them. Pure.
 *
 * Ownership: what is returned is constant.
 */
#ifndef TLSWHY_CAUSES_MESSAGES_H
#define TLSWHY_CAUSES_MESSAGES_H

#include "causes/catalogue.h"

/* The pages that name the message, or a part of it, those with the longest part in common first, into `out`, which has room for
 * all of them. Letters' case, signs and blanks do not matter; "..." in a page stands for anything. Returns how many. */
size_t messages_find(const cause_page *pages, size_t num_pages, const char *message, const cause_page **out);

#endif
