/* extension-intolerance: the server breaks on an extension, or on GREASE, instead of ignoring it (RFC 8446, 4.2; RFC 8701). */
#include "causes/cause.h"
#include "registry/registry.h"

static bool has_grease(const client_hello *hello)
{
    for (size_t i = 0; i < hello->num_extensions; i++)
        if (code_is_grease(hello->extensions[i].type))
            return true;
    for (size_t i = 0; i < hello->cipher_suites.num_codes; i++)
        if (code_is_grease(hello->cipher_suites.codes[i]))
            return true;
    return false;
}

static void propose(const cause *self, const facts *f, proposal_list *out)
{
    code_list removable = extensions_removable(f->arena, f->hello);
    if (f->broken_extension >= 0 && codes_contain(removable, (uint16_t)f->broken_extension))
        removable = codes_one(f->arena, (uint16_t)f->broken_extension);
    if (has_grease(f->hello))
        proposal_add(out, self, (change){.kind = CHANGE_GREASE});
    if (removable.num_codes > 0)
        proposal_add(out, self, (change){.kind = CHANGE_EXTENSIONS_REMOVED, .codes = removable});
}

/* How each is left out: SSL_CONF_cmd(3) "Options", GnuTLS "Priority strings", JSSE's system properties. */
static const remedy_row rows[] = {
    {REMEDY_SERVER, NULL,
     "Update the server, or the box in front of it: an extension that it does not know must be ignored (RFC 8446, 4.2).", NULL,
     LOWERS_NONE},
    {REMEDY_CLIENT, "python, extension session_ticket", "Until then, for this server alone.", "ctx.options |= ssl.OP_NO_TICKET",
     LOWERS_NONE},
    {REMEDY_CLIENT, "python, extension encrypt_then_mac", "Until then, for this server alone.",
     "ctx.options |= 0x80000  # SSL_OP_NO_ENCRYPT_THEN_MAC", LOWERS_NONE},
    {REMEDY_CLIENT, "node, extension session_ticket", "Until then, for this server alone.",
     "https.request({ secureOptions: require('constants').SSL_OP_NO_TICKET, ... })", LOWERS_NONE},
    {REMEDY_CLIENT, "java, extension session_ticket", "Until then.",
     "$ java -Djdk.tls.client.enableSessionTicketExtension=false ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, extension extended_master_secret", "Until then.", "$ java -Djdk.tls.useExtendedMasterSecret=false ...",
     LOWERS_NONE},
    {REMEDY_CLIENT, "java, extension status_request", "Until then.",
     "$ java -Djdk.tls.client.enableStatusRequestExtension=false ...", LOWERS_NONE},
    {REMEDY_CLIENT, "java, extension status_request_v2", "Until then.",
     "$ java -Djdk.tls.client.enableStatusRequestExtension=false ...", LOWERS_NONE},
    {REMEDY_CLIENT, "GnuTLS, extension session_ticket",
     "Until then, in the priority string (gnutls-cli --priority, wget --ciphers):", "NORMAL:%NO_TICKETS", LOWERS_NONE},
    {REMEDY_CLIENT, "GnuTLS, extension encrypt_then_mac",
     "Until then, in the priority string (gnutls-cli --priority, wget --ciphers):", "NORMAL:%NO_ETM", LOWERS_NONE},
    {REMEDY_CLIENT, "GnuTLS, extension extended_master_secret",
     "Until then, in the priority string (gnutls-cli --priority, wget --ciphers):", "NORMAL:%NO_SESSION_HASH", LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, not node, extension session_ticket",
     "Until then, in a file that OPENSSL_CONF names for this program:", "Options = -SessionTicket", LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 1.1.1, not node, extension encrypt_then_mac",
     "Until then, in a file that OPENSSL_CONF names for this program:", "Options = -EncryptThenMac", LOWERS_NONE},
    {REMEDY_SYSTEM, "OpenSSL >= 3.0, not node, extension extended_master_secret",
     "Until then, in a file that OPENSSL_CONF names for this program:", "Options = -ExtendedMasterSecret", LOWERS_NONE},
    {REMEDY_CLIENT, "else", "Until then let the client leave the extension out for this server, where it has a setting for that.",
     NULL, LOWERS_NONE},
};

static void tell(const facts *f, const change *c, verdict *v)
{
    arena *a = f->arena;
    const char *what = c->kind == CHANGE_GREASE ? "GREASE values (RFC 8701)" : code_names(a, c->codes, extension_name, 4);
    const char *kind = c->kind == CHANGE_GREASE ? "" : c->codes.num_codes > 1 ? "the extensions " : "the extension ";
    v->headline = arena_printf(a, "The server breaks on %s%s instead of ignoring %s. Without %s the hello is accepted.", kind, what,
                               c->kind != CHANGE_GREASE && c->codes.num_codes == 1 ? "it" : "them",
                               c->kind != CHANGE_GREASE && c->codes.num_codes == 1 ? "it" : "them");
    verdict_add_remedy_rows(f, v, rows, sizeof rows / sizeof *rows);
}

const cause cause_extension_intolerance = {
    .id = "extension-intolerance", .where = WHERE_SERVER, .rank = RANK_EXTENSION, .propose = propose, .tell = tell};
