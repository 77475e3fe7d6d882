/*
 * Every cause by id, with the text that `tlswhy explain ID` prints (doc/causes/ID.md, built in). What a cause adds to the
 * engine is in causes/cause.h.
 *
 * Ownership: everything here is constant.
 */
#ifndef TLSWHY_CAUSES_CATALOGUE_H
#define TLSWHY_CAUSES_CATALOGUE_H

#include <stddef.h>

typedef struct cause_page {
    const char *id;
    const char *text; /* doc/causes/ID.md, whole */
} cause_page;

/* All pages, in the order of doc/causes/ORDER. Generated from doc/causes/ at build time. */
extern const cause_page cause_pages[];
extern const size_t num_cause_pages;

/* The page of that id, or NULL. */
const cause_page *cause_page_find(const char *id);

#endif
