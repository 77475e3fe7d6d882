/* Certificates into files: the other direction of keystore.c. */
#include "crypto/keystore.h"
#include "wire/writer.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <string.h>

#define FILE_LEN_MAX ((size_t)16 * 1024 * 1024)

/* ---- PEM (RFC 7468) ------------------------------------------------------------------------------------------------------ */

static void write_text(writer *w, const char *text)
{
    write_bytes(w, bytes_from_text(text));
}

static void write_pem(writer *w, bytes_view der)
{
    enum { BYTES_OF_LINE = 48 };
    write_text(w, "-----BEGIN CERTIFICATE-----\n");
    for (size_t at = 0; at < der.len; at += BYTES_OF_LINE) {
        unsigned char line[BYTES_OF_LINE / 3 * 4 + 1];
        bytes_view piece = bytes_slice(der, at, BYTES_OF_LINE);
        (void)EVP_EncodeBlock(line, piece.data, (int)piece.len);
        write_text(w, (const char *)line);
        write_text(w, "\n");
    }
    write_text(w, "-----END CERTIFICATE-----\n");
}

const char *certificates_to_pem(arena *a, const bytes_view *certificates, size_t num_certificates)
{
    writer w;
    bytes_view text;
    writer_init(&w, FILE_LEN_MAX);
    for (size_t i = 0; i < num_certificates; i++)
        write_pem(&w, certificates[i]);
    return writer_take(&w, a, &text) ? bytes_to_text(a, text) : "";
}

/* ---- JKS (the JDK's sun.security.provider.JavaKeyStore) -----------------------------------------------------------------------
 */

static void write_u32(writer *w, uint32_t value)
{
    write_u16(w, (uint16_t)(value >> 16));
    write_u16(w, (uint16_t)value);
}

static void write_short_text(writer *w, const char *text)
{
    writer_vector v = writer_open16(w);
    write_text(w, text);
    writer_close(w, v);
}

static void write_trusted(writer *w, arena *a, size_t number, bytes_view der)
{
    enum { TRUSTED = 2 };
    write_u32(w, TRUSTED);
    write_short_text(w, arena_printf(a, "certificate %zu", number));
    write_u32(w, 0); /* when it was made, in two words; nobody asks */
    write_u32(w, 0);
    write_short_text(w, "X.509");
    write_u32(w, (uint32_t)der.len);
    write_bytes(w, der);
}

/* The digest over the password in UTF-16, a phrase of the JDK's authors, and all that comes before it. */
static void write_digest(writer *w, const char *password)
{
    unsigned char digest[SHA_DIGEST_LENGTH];
    bytes_view before = buffer_view(&w->out);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha1(), NULL) == 1;
    for (const char *at = password; *at != 0 && done; at++) {
        const unsigned char pair[2] = {0, (unsigned char)*at};
        done = EVP_DigestUpdate(context, pair, sizeof pair) == 1;
    }
    static const char phrase[] = "Mighty Aphrodite";
    done = done && EVP_DigestUpdate(context, phrase, sizeof phrase - 1) == 1 &&
           EVP_DigestUpdate(context, before.data, before.len) == 1 && EVP_DigestFinal_ex(context, digest, NULL) == 1;
    EVP_MD_CTX_free(context);
    write_bytes(w, bytes_from(digest, done ? sizeof digest : 0));
}

bytes_view certificates_to_jks(arena *a, const bytes_view *certificates, size_t num_certificates, const char *password)
{
    enum { VERSION = 2 };
    static const uint32_t magic = 0xFEEDFEED;
    writer w;
    bytes_view file;
    writer_init(&w, FILE_LEN_MAX);
    write_u32(&w, magic);
    write_u32(&w, VERSION);
    write_u32(&w, (uint32_t)num_certificates);
    for (size_t i = 0; i < num_certificates; i++)
        write_trusted(&w, a, i, certificates[i]);
    write_digest(&w, password);
    return writer_take(&w, a, &file) ? file : bytes_from(NULL, 0);
}
