/* A verdict as JSON, for every document that has one. Ownership: the value is the caller's; it borrows nothing. */
#ifndef TLSWHY_REPORT_VERDICT_JSON_H
#define TLSWHY_REPORT_VERDICT_JSON_H

#include "causes/verdict.h"

#include <jansson.h>

/* null where there is none. */
json_t *verdict_to_json(arena *a, const verdict *v);

#endif
