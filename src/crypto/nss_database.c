#include "crypto/nss_database.h"

#include "crypto/sqlite_table.h"
#include "wire/reader.h"

#include <openssl/evp.h>

/* Columns are named a and the attribute's number in hexadecimal (sdb.c); numbers are PKCS #11's and NSS' (pkcs11n.h). */
#define COLUMN_CLASS "a0"
#define COLUMN_VALUE "a11"
#define COLUMN_SERVER_AUTH "ace536358" /* CKA_TRUST_SERVER_AUTH */
#define COLUMN_SHA1 "ace5363b4"        /* CKA_CERT_SHA1_HASH */
#define CLASS_CERTIFICATE ((uint32_t)1)
#define CLASS_TRUST ((uint32_t)0xce534353)
#define TRUSTED ((uint32_t)0xce534351)           /* CKT_NSS_TRUSTED: "P" of certutil */
#define TRUSTED_DELEGATOR ((uint32_t)0xce534352) /* "C" */

enum { OBJECTS_MAX = 8192, SHA1_LEN = 20 };

typedef struct objects {
    arena *arena;
    int class_at, value_at, trust_at, sha1_at;
    bytes_view *certificates, *trusted; /* DER; SHA-1 of those that are trusted */
    size_t num_certificates, num_trusted;
} objects;

static bytes_view value_at(const bytes_view *values, size_t num, int at)
{
    return at >= 0 && (size_t)at < num ? values[at] : bytes_from(NULL, 0);
}

static uint32_t number_at(const bytes_view *values, size_t num, int at)
{
    reader r = reader_from(value_at(values, num, at));
    uint32_t number = 0;
    return read_u32(&r, "attribute", &number) ? number : 0;
}

static void take_object(void *context, const bytes_view *values, size_t num)
{
    objects *o = context;
    uint32_t class = number_at(values, num, o->class_at), trust = number_at(values, num, o->trust_at);
    if (class == CLASS_CERTIFICATE && o->num_certificates < OBJECTS_MAX)
        o->certificates[o->num_certificates++] = value_at(values, num, o->value_at);
    else if (class == CLASS_TRUST && (trust == TRUSTED || trust == TRUSTED_DELEGATOR) && o->num_trusted < OBJECTS_MAX)
        o->trusted[o->num_trusted++] = value_at(values, num, o->sha1_at);
}

static bool is_trusted(const objects *o, bytes_view der)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    if (der.len == 0 || EVP_Digest(der.data, der.len, hash, &len, EVP_sha1(), NULL) != 1 || len != SHA1_LEN)
        return false;
    for (size_t i = 0; i < o->num_trusted; i++)
        if (bytes_equal(o->trusted[i], bytes_from(hash, len)))
            return true;
    return false;
}

size_t nss_database_read(arena *a, bytes_view file, bytes_view *certificates, size_t max, bool *is_read)
{
    sqlite_table table;
    *is_read = sqlite_table_find(a, file, "nssPublic", &table);
    if (!*is_read)
        return 0;
    objects o = {.arena = a,
                 .class_at = sqlite_table_column(&table, COLUMN_CLASS),
                 .value_at = sqlite_table_column(&table, COLUMN_VALUE),
                 .trust_at = sqlite_table_column(&table, COLUMN_SERVER_AUTH),
                 .sha1_at = sqlite_table_column(&table, COLUMN_SHA1),
                 .certificates = ARENA_ARRAY(a, OBJECTS_MAX, bytes_view),
                 .trusted = ARENA_ARRAY(a, OBJECTS_MAX, bytes_view)};
    sqlite_table_rows(a, &table, take_object, &o);
    size_t num = 0;
    for (size_t i = 0; i < o.num_certificates && num < max; i++)
        if (is_trusted(&o, o.certificates[i]))
            certificates[num++] = bytes_copy(a, o.certificates[i]);
    return num;
}
