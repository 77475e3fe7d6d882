/*
 * One error for the whole program: a code for the caller, a sentence for people.
 *
 * Ownership: an error lives in the caller's storage and holds its own text.
 * The sentence names what, where and what to do; it is filled where the fact is known and passed up unchanged.
 */
#ifndef TLSWHY_BASE_ERROR_H
#define TLSWHY_BASE_ERROR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(format_index, first) __attribute__((format(printf, format_index, first)))

enum error_code {
    ERROR_NONE,
    ERROR_USAGE,       /* the user asked for something that does not exist */
    ERROR_SYSTEM,      /* a system call failed; the sentence carries strerror */
    ERROR_MALFORMED,   /* bytes that break their own rules */
    ERROR_UNSUPPORTED, /* this kernel, machine or library cannot do it */
    ERROR_LIMIT,       /* a bound of ours was reached */
    ERROR_NOT_FOUND,
};

typedef struct error {
    enum error_code code;
    int system_errno; /* 0 unless code is ERROR_SYSTEM */
    char message[512];
} error;

/* Fills `e` (which may be NULL) and returns false, so that a failing function can `return error_set(...)`. */
bool error_set(error *e, enum error_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* The same for a failed system call: captures errno first and appends ": " and its text. */
bool error_set_errno(error *e, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
