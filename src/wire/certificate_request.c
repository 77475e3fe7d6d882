#include "registry/registry.h"
#include "wire/extension.h"
#include "wire/server_flight.h"

/* opaque DistinguishedName<1..2^16-1>; DistinguishedName certificate_authorities<0..2^16-1> (RFC 5246, 7.4.4) */
static bool authorities_read(arena *a, reader *r, certificate_request *out)
{
    reader list, name;
    if (!read_vector16(r, "certificate_authorities", &list))
        return false;
    out->authorities = ARENA_ARRAY(a, reader_len(&list) / 2, bytes_view);
    while (!reader_is_empty(&list)) {
        if (!read_vector16(&list, "DistinguishedName", &name))
            return false;
        out->authorities[out->num_authorities++] = read_rest(&name);
    }
    return true;
}

/* struct CertificateRequest; supported_signature_algorithms since TLS 1.2. */
enum parse_status certificate_request_parse(arena *a, bytes_view body, uint16_t version, certificate_request *out)
{
    *out = (certificate_request){0};
    reader r = reader_from(bytes_copy(a, body));
    reader types, schemes;
    if (!read_vector8(&r, "certificate_types", &types))
        return PARSE_BAD;
    out->certificate_types = read_rest(&types);
    bool is_odd = false;
    if (version >= VERSION_TLS12) {
        if (!read_vector16(&r, "supported_signature_algorithms", &schemes))
            return PARSE_NOTE;
        out->signature_schemes = codes_read(a, &schemes);
        is_odd = !reader_is_empty(&schemes);
    }
    if (!authorities_read(a, &r, out) || !reader_is_empty(&r) || is_odd)
        return PARSE_NOTE;
    return PARSE_DONE;
}

/* opaque certificate_request_context<0..2^8-1>; Extension extensions<2..2^16-1> (RFC 8446, 4.3.2) */
enum parse_status certificate_request_tls13_parse(arena *a, bytes_view body, certificate_request *out)
{
    *out = (certificate_request){0};
    reader r = reader_from(bytes_copy(a, body));
    reader context, block;
    extension *extensions = NULL;
    size_t num_extensions = 0;
    finding_list findings = {0};
    if (!read_vector8(&r, "certificate_request_context", &context) || !read_vector16(&r, "extensions", &block))
        return PARSE_BAD;
    extensions_read(a, &block, &extensions, &num_extensions, &findings);
    const extension *schemes = extension_in(extensions, num_extensions, EXTENSION_SIGNATURE_ALGORITHMS);
    const extension *authorities = extension_in(extensions, num_extensions, EXTENSION_CERTIFICATE_AUTHORITIES);
    bool well_formed = schemes == NULL || code_list_body_read(a, schemes->body, 2, &out->signature_schemes);
    if (authorities != NULL) {
        reader names = reader_from(authorities->body);
        well_formed = authorities_read(a, &names, out) && well_formed;
    }
    return well_formed && findings.num_findings == 0 && reader_is_empty(&r) ? PARSE_DONE : PARSE_NOTE;
}
