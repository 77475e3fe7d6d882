/*
 * The tables of what can be done: rows of text beside each cause, chosen by client and version, with the proved values put in.
 * Ownership: tables are constant; what comes of a row lives in the arena. Pure.
 *
 * A row (remedy_row in cause.h) is for the clients that its selector names, one or more conditions with commas between:
 *
 *     python                the program's name begins so; NULL: every client
 *     python >= 3.7         and the runtime's version is so (<, <=, >, >=, ==); a version that is not known fits
 *     OpenSSL < 1.1.1       the TLS library, and its version; also "GnuTLS" alone
 *     able, unable          the library can do what is missing, going by its version; or it cannot, and a newer one can
 *     never                 no version of the library can
 *     version < 1.2         the version that the change is about (TLS 1.1 ...)
 *     uses requests         the program's arguments, or the script that they name, have that word
 *     runs pip              one of the program's arguments is that name, with or without folders
 *     extension session_ticket   the extension that the server breaks on
 *     else                  no row for the client above this one fitted
 *     not curl              any of these, turned round
 *     speaks smtp           the port's protocol (for the server's owner); "speaks http" where none other is known
 *
 * Two wait until it is known why the client lacks what was proved (enum why_kind): until then the row stands in the verdict, and
 * says so (only_for).
 *
 *     why code              the program's own code or arguments take it away; "why policy or default" for several
 *     not why code          or whatever else it is, known or not
 *
 * In its texts {version}, {suite}, {group}, {scheme}, {extension}, {host}, {port}, {file}, {key}, {name} stand for what was proved,
 * in the words of people, or of a dialect: {version.python}, {suite.java} (registry/dialect.h); {suites}, {groups}, {schemes} for
 * all that the client offers and that one besides; {cipherlist} for OpenSSL's default list with the suite, {cipher} for
 * the suite alone where it is not of TLS 1.3, {ciphersuites} for OpenSSL's list of TLS 1.3 with one of that version,
 * {priority} for GnuTLS' priority string that libldap is given, with the version. A row whose places cannot all be filled is left
 * out.
 *
 * A row's command that begins with "$ " is for a shell; otherwise it is a line of code or of a configuration.
 */
#ifndef TLSWHY_CAUSES_REMEDIES_H
#define TLSWHY_CAUSES_REMEDIES_H

#include "causes/cause.h"

/* What the selectors and the places of a row are asked about. */
typedef struct remedy_subject {
    const evidence *evidence;
    const change *change;  /* the proved one; NULL none */
    bool change_is_enough; /* it alone, in the client's own hello, was accepted */
    remedy_given given;    /* without a name: the one that the change adds */
} remedy_subject;

/* `is_first`: none for the client fitted so far. */
bool remedy_row_fits(const remedy_row *row, const remedy_subject *s, bool is_first);
/* The text with its places filled; NULL where one cannot be. */
const char *remedy_text_filled(arena *a, const char *text, const remedy_subject *s);
/* Each row that fits, filled, in order, into `out`, of `max`; returns how many. */
size_t remedies_of_rows(arena *a, const remedy_row *rows, size_t num_rows, const remedy_subject *s, remedy *out, size_t max);

#endif
