#include "wire/server_flight.h"

#include "registry/registry.h"
#include "wire/extension.h"

enum { STATUS_TYPE_OCSP = 1, CERTIFICATES_MAX = 100, ALERT_CLOSE_NOTIFY = 0 };

/* A protocol_name_list of exactly one (RFC 7301, 3.1) */
static bytes_view protocol_read(const server_flight *flight)
{
    const extension *e = extension_in(flight->extensions, flight->num_extensions, EXTENSION_ALPN);
    reader body = reader_from(e == NULL ? bytes_from(NULL, 0) : e->body), list, name;
    if (read_vector16(&body, "protocol_name_list", &list) && read_vector8(&list, "protocol_name", &name))
        return read_rest(&name);
    return bytes_from(NULL, 0);
}

/* Extension extensions<0..2^16-1> (RFC 8446, 4.3.1) */
enum parse_status encrypted_extensions_parse(arena *a, bytes_view body, server_flight *out)
{
    reader r = reader_from(bytes_copy(a, body)), block;
    if (!read_vector16(&r, "extensions", &block)) {
        finding_add_unread(a, &out->findings, &r);
        return PARSE_BAD;
    }
    out->has_encrypted_extensions = true;
    extensions_read(a, &block, &out->extensions, &out->num_extensions, &out->findings);
    out->alpn = protocol_read(out);
    return out->findings.num_findings == 0 && reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
}

/* struct CertificateStatus (RFC 6066, 8) */
bytes_view certificate_status_parse(arena *a, bytes_view body)
{
    reader r = reader_from(body), response;
    uint8_t type;
    if (read_u8(&r, "status_type", &type) && type == STATUS_TYPE_OCSP && read_vector24(&r, "OCSPResponse", &response))
        return bytes_copy(a, read_rest(&response));
    return bytes_from(NULL, 0);
}

/* What comes with the leaf (RFC 8446, 4.4.2.1). */
static void leaf_extensions_read(arena *a, reader *block, server_flight *out)
{
    extension *extensions = NULL;
    size_t num_extensions = 0;
    extensions_read(a, block, &extensions, &num_extensions, &out->findings);
    if (out->certificates.num_certificates > 0)
        return;
    const extension *status = extension_in(extensions, num_extensions, EXTENSION_STATUS_REQUEST);
    const extension *timestamps = extension_in(extensions, num_extensions, EXTENSION_CERTIFICATE_TIMESTAMP);
    if (status != NULL)
        out->ocsp_response = certificate_status_parse(a, status->body);
    if (timestamps != NULL)
        out->certificate_timestamps = timestamps->body;
}

/* struct CertificateEntry: opaque cert_data<1..2^24-1>; Extension extensions<0..2^16-1> (RFC 8446, 4.4.2) */
static bool entry_read(arena *a, reader *list, server_flight *out)
{
    reader data, block;
    if (!read_vector24(list, "cert_data", &data) || !read_vector16(list, "extensions", &block))
        return false;
    if (out->certificates.num_certificates == CERTIFICATES_MAX)
        return false;
    leaf_extensions_read(a, &block, out);
    out->certificates.certificates[out->certificates.num_certificates++] = read_rest(&data);
    return true;
}

/* opaque certificate_request_context<0..2^8-1>; CertificateEntry certificate_list<0..2^24-1> */
enum parse_status certificate_tls13_parse(arena *a, bytes_view body, server_flight *out)
{
    reader r = reader_from(bytes_copy(a, body)), context, list;
    if (!read_vector8(&r, "certificate_request_context", &context) || !read_vector24(&r, "certificate_list", &list)) {
        finding_add_unread(a, &out->findings, &r);
        return PARSE_BAD;
    }
    out->has_certificate = true;
    out->certificates.certificates = ARENA_ARRAY(a, CERTIFICATES_MAX, bytes_view);
    while (!reader_is_empty(&list))
        if (!entry_read(a, &list, out)) {
            finding_add(a, &out->findings, list.offset, "a certificate list that is cut, or longer than 100 certificates");
            return PARSE_NOTE;
        }
    return reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
}

/* SignatureScheme algorithm; opaque signature<0..2^16-1> (RFC 8446, 4.4.3) */
enum parse_status certificate_verify_parse(bytes_view body, uint16_t *scheme, bytes_view *signature)
{
    reader r = reader_from(body), value;
    if (!read_u16(&r, "algorithm", scheme) || !read_vector16(&r, "signature", &value))
        return PARSE_BAD;
    *signature = read_rest(&value);
    return reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
}

/* uint32 ticket_lifetime; up to TLS 1.2 then opaque ticket<0..2^16-1>; in TLS 1.3 uint32 ticket_age_add, opaque
 * ticket_nonce<0..255>, opaque ticket<1..2^16-1>, Extension extensions<0..2^16-2> */
enum parse_status session_ticket_parse(arena *a, bytes_view body, uint16_t version, session_ticket *out)
{
    reader r = reader_from(body), nonce, ticket, block, limit;
    finding_list findings = {0};
    extension *extensions = NULL;
    size_t num_extensions = 0;
    bool is_tls13 = version >= VERSION_TLS13;
    *out = (session_ticket){0};
    if (!read_u32(&r, "ticket_lifetime", &out->lifetime_s))
        return PARSE_BAD;
    if (is_tls13 && (!read_u32(&r, "ticket_age_add", &out->age_add) || !read_vector8(&r, "ticket_nonce", &nonce)))
        return PARSE_BAD;
    if (!read_vector16(&r, "ticket", &ticket))
        return PARSE_BAD;
    out->ticket = read_rest(&ticket);
    if (!is_tls13)
        return reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
    out->nonce = read_rest(&nonce);
    if (!read_vector16(&r, "extensions", &block))
        return PARSE_BAD;
    extensions_read(a, &block, &extensions, &num_extensions, &findings);
    const extension *early_data = extension_in(extensions, num_extensions, EXTENSION_EARLY_DATA);
    limit = reader_from(early_data == NULL ? bytes_from(NULL, 0) : early_data->body);
    out->has_early_data = read_u32(&limit, "max_early_data_size", &out->max_early_data_size);
    return findings.num_findings == 0 && reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
}

bool server_flight_was_refused(const server_flight *f)
{
    bool has_left = f->has_finished && f->alert.description == ALERT_CLOSE_NOTIFY;
    return f->has_alert && !has_left;
}

size_t timestamp_list_count(bytes_view list)
{
    reader r = reader_from(list), all, one;
    size_t num = 0;
    if (!read_vector16(&r, "sct_list", &all))
        return 0;
    while (read_vector16(&all, "SerializedSCT", &one))
        num++;
    return num;
}
