/*
 * How a program of its own kind (RUNTIME_OTHER) is told which trust store to use: the argument, the variable or the setting in one
 * of its files, from the tables of narrowing_option.c and settings_programs.c. What is found here is read as its store, said to be
 * why, and named by the remedies, so that all three speak of one thing. Ownership: lives in the arena given, or is the process's.
 */
#ifndef TLSWHY_CLIENT_STORE_NAMING_H
#define TLSWHY_CLIENT_STORE_NAMING_H

#include "client/settings.h"

typedef struct store_naming {
    const char *name;  /* "--ssl-ca", "LDAPTLS_CACERT", "sslrootcert" */
    const char *value; /* as it is written there */
    bool is_argument;
    size_t argument;     /* which of its arguments has the value in it */
    const char *before;  /* what leads to the value there: "--ssl-ca=", "--cacert ", "sslrootcert=" */
    bool is_inside;      /* it is a word of a longer argument */
    const char *written; /* that word, as it stands there; else NULL */
    const char *file;    /* of a setting: where it stands; NULL: it is an argument or a variable */
    int line;
    bool is_folder;
} store_naming;

/* Whether a setting or an option of that name leads to a folder and not to a file. */
bool store_name_is_of_folder(const char *name);

/* What counts for this program, of a file (or of a folder): the argument before all settings, and of these the last. False: nothing
 * names one; also where it is told to take the system's. */
bool store_naming_find(arena *a, const client *c, const setting_list *settings, bool of_folder, store_naming *out);

/* What would name a file for that program from now on, whatever `now` (NULL: nothing) says: its option, else its variable. False:
 * none is known. */
bool store_naming_known(arena *a, const client *c, const store_naming *now, store_naming *out);

#endif
