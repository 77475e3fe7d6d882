/* The StartTLS extended operation of LDAP (RFC 4511, 4.14), in as much BER (X.690) as that takes. */
#include "flow/preamble_kinds.h"

#include "wire/reader.h"

#define TAG_SEQUENCE 0x30
#define TAG_INTEGER 0x02
#define TAG_ENUMERATED 0x0a
#define TAG_EXTENDED_REQUEST 0x77  /* [APPLICATION 23], constructed */
#define TAG_EXTENDED_RESPONSE 0x78 /* [APPLICATION 24], constructed */
#define TAG_REQUEST_NAME 0x80
#define STARTTLS_OID "1.3.6.1.4.1.1466.20037"

enum { RESULT_NONE = -1, RESULT_SUCCESS = 0, RESULT_PROTOCOL_ERROR = 2 }; /* RFC 4511, 4.1.9 */

static bool read_length(reader *r, size_t *len)
{
    uint8_t first = 0, byte = 0;
    if (!read_u8(r, "length", &first))
        return false;
    *len = first & 0x7f;
    if ((first & 0x80) == 0)
        return true;
    size_t num_bytes = *len;
    *len = 0;
    if (num_bytes == 0 || num_bytes > 4)
        return false;
    for (size_t i = 0; i < num_bytes; i++) {
        if (!read_u8(r, "length", &byte))
            return false;
        *len = *len << 8 | byte;
    }
    return true;
}

static bool read_element(reader *r, uint8_t *tag, reader *body)
{
    size_t len = 0;
    bytes_view part;
    reader ahead = *r;
    if (!read_u8(&ahead, "tag", tag) || !read_length(&ahead, &len))
        return false;
    size_t body_offset = ahead.offset;
    if (!read_bytes(&ahead, "element", len, &part))
        return false;
    *body = reader_of_part(&ahead, part, body_offset);
    *r = ahead;
    return true;
}

/* One LDAPMessage: its id, its operation's tag, and a reader in the operation. */
static bool read_ldap_message(reader *r, int *id, uint8_t *operation, reader *body)
{
    uint8_t tag = 0;
    reader message, number;
    if (!read_element(r, &tag, &message) || tag != TAG_SEQUENCE || !read_element(&message, &tag, &number) || tag != TAG_INTEGER)
        return false;
    *id = 0;
    uint8_t byte = 0;
    for (int i = 0; i < 4 && read_u8(&number, "message id", &byte); i++)
        *id = (*id & 0x7fffff) << 8 | byte;
    return read_element(&message, operation, body);
}

enum match ldap_match(const dialog *d)
{
    reader r = reader_from(d->client);
    uint8_t tag = 0;
    size_t len = 0;
    if (bytes_at(d->client, 0) != TAG_SEQUENCE || (d->server.len > 0 && bytes_at(d->server, 0) != TAG_SEQUENCE))
        return MATCH_NO;
    if (!read_u8(&r, "tag", &tag) || !read_length(&r, &len) || !read_u8(&r, "tag", &tag))
        return d->client.len < 7 ? MATCH_PERHAPS : MATCH_NO;
    return tag == TAG_INTEGER ? MATCH_YES : MATCH_NO;
}

static bool is_starttls(uint8_t operation, reader *body)
{
    uint8_t tag = 0;
    reader name;
    return operation == TAG_EXTENDED_REQUEST && read_element(body, &tag, &name) && tag == TAG_REQUEST_NAME &&
           bytes_equal(read_rest(&name), bytes_from_text(STARTTLS_OID));
}

/* The answer to that message, with its result code; RESULT_NONE where it has none, and of the notice of disconnection, whose id is
 * 0 (RFC 4511, 4.4.1). False: it is not there yet. */
static bool read_result(bytes_view server, int message_id, size_t *offset, int *result)
{
    reader r = reader_from(bytes_slice(server, *offset, server.len));
    int id = 0;
    uint8_t operation = 0, tag = 0, byte = 0;
    reader body, code;
    while (read_ldap_message(&r, &id, &operation, &body)) {
        if (operation != TAG_EXTENDED_RESPONSE || (id != message_id && id != 0))
            continue;
        *offset += r.offset;
        bool read = read_element(&body, &tag, &code) && tag == TAG_ENUMERATED && read_u8(&code, "result code", &byte);
        *result = read && id == message_id ? byte : RESULT_NONE;
        return true;
    }
    return false;
}

enum reply ldap_reply(bytes_view server, int message_id, size_t *offset)
{
    int result = RESULT_NONE;
    if (server.len > *offset && bytes_at(server, *offset) != TAG_SEQUENCE)
        return REPLY_NO;
    if (!read_result(server, message_id, offset, &result))
        return REPLY_NOT_YET;
    return result == RESULT_SUCCESS ? REPLY_YES : REPLY_NO;
}

bool ldap_lacks_tls(bytes_view server, int message_id)
{
    int result = RESULT_NONE;
    return read_result(server, message_id, &(size_t){0}, &result) && result == RESULT_PROTOCOL_ERROR;
}

/* The operations that carry a result (RFC 4511, 4.1.9): BindResponse, SearchResultDone, Modify-, Add-, Del-, ModifyDN-, Compare-
 * and ExtendedResponse. */
static bool carries_result(uint8_t operation)
{
    static const uint8_t tags[] = {0x61, 0x65, 0x67, 0x69, 0x6b, 0x6d, 0x6f, TAG_EXTENDED_RESPONSE};
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tags[i] == operation)
            return true;
    return false;
}

/* RFC 4511, A.2. Active Directory answers the second, and names TLS in its words. */
static bytes_view demand_of_result(reader *body)
{
    enum { STRONGER_AUTH_REQUIRED = 8, CONFIDENTIALITY_REQUIRED = 13 };
    uint8_t tag = 0, code = 0;
    reader number, dn, text;
    if (!read_element(body, &tag, &number) || tag != TAG_ENUMERATED || !read_u8(&number, "result code", &code))
        return bytes_from(NULL, 0);
    if (code == CONFIDENTIALITY_REQUIRED)
        return bytes_from_text("confidentialityRequired (13)");
    if (code != STRONGER_AUTH_REQUIRED || !read_element(body, &tag, &dn) || !read_element(body, &tag, &text))
        return bytes_from(NULL, 0);
    bytes_view words = read_rest(&text);
    bool names_tls = bytes_contain_ignoring_case(words, "TLS") || bytes_contain_ignoring_case(words, "SSL");
    return names_tls ? words : bytes_from(NULL, 0);
}

bytes_view ldap_demand_for_tls(bytes_view server)
{
    reader r = reader_from(server), body;
    int id = 0;
    uint8_t operation = 0;
    bytes_view demand = bytes_from(NULL, 0);
    while (demand.len == 0 && read_ldap_message(&r, &id, &operation, &body))
        demand = carries_result(operation) ? demand_of_result(&body) : demand;
    return demand;
}

bool ldap_read(const dialog *d, preamble *out)
{
    reader client = reader_from(d->client), body;
    int id = 0;
    uint8_t operation = 0;
    while (read_ldap_message(&client, &id, &operation, &body)) {
        if (!is_starttls(operation, &body))
            continue;
        size_t server_offset = 0;
        out->asked = true;
        enum reply reply = ldap_reply(d->server, id, &server_offset);
        if (reply == REPLY_NOT_YET)
            return true;
        if (reply == REPLY_YES) {
            preamble_finish(out, client.offset, server_offset);
            return true;
        }
        out->refused = true;
    }
    return true;
}
