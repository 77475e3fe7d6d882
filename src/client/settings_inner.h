/*
 * What the readers of settings share. Private to this room; ownership as in settings.h.
 */
#ifndef TLSWHY_CLIENT_SETTINGS_INNER_H
#define TLSWHY_CLIENT_SETTINGS_INNER_H

#include "client/settings.h"

#define SETTINGS_FILE_LEN_MAX ((size_t)1024 * 1024)

/* A line of a file, with those that end in a backslash put together; without white space around it. */
typedef struct settings_line {
    bytes_view text;
    int number; /* of its first line in the file, from 1 */
} settings_line;

typedef struct settings_reader {
    bytes_view rest;
    int number;
} settings_reader;

settings_reader settings_reader_of(bytes_view text);

/* Of a file, at most SETTINGS_FILE_LEN_MAX of it. False where it cannot be read, or `file` is NULL: there is none. */
bool settings_open(arena *a, const char *file, settings_reader *out) MUST_CHECK;
/* False at the end. Empty lines are given as well. */
bool settings_next_line(arena *a, settings_reader *r, settings_line *out);

bytes_view settings_trimmed(bytes_view v);
/* "name = value" (or another separator; for ' ' a tab will do), without what follows a '#'. False where the line has no separator.
 */
bool settings_split(arena *a, bytes_view line, char separator, const char **name, const char **value);
void settings_add(arena *a, setting_list *list, setting s);

/* One reader for each kind of client. */
void settings_of_openssl(arena *a, const client *c, setting_list *out);
void settings_of_gnutls(arena *a, const client *c, setting_list *out);
void settings_of_java(arena *a, const client *c, setting_list *out);
void settings_of_curl(arena *a, const client *c, setting_list *out);
void settings_of_wget(arena *a, const client *c, setting_list *out);
void settings_of_git(arena *a, const client *c, setting_list *out);
/* Of libpq, libldap, msmtp, lftp, Cargo and the clients of MariaDB and MySQL, as far as the process has them. */
void settings_of_programs(arena *a, const client *c, setting_list *out);

#endif
