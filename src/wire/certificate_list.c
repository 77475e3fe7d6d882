#include "wire/extension.h"
#include "wire/server_hello.h"

/* opaque ASN.1Cert<1..2^24-1>; ASN.1Cert certificate_list<0..2^24-1> (RFC 5246, 7.4.2) */
enum parse_status certificate_list_parse(arena *a, bytes_view body, certificate_list *out)
{
    *out = (certificate_list){0};
    reader r = reader_from(bytes_copy(a, body));
    reader list, certificate;
    if (!read_vector24(&r, "certificate_list", &list)) {
        finding_add_unread(a, &out->findings, &r);
        return PARSE_BAD;
    }
    out->certificates = ARENA_ARRAY(a, reader_len(&list) / 3, bytes_view);
    while (!reader_is_empty(&list) && read_vector24(&list, "certificate", &certificate))
        out->certificates[out->num_certificates++] = read_rest(&certificate);
    if (!reader_is_empty(&list))
        finding_add_unread(a, &out->findings, &list);
    if (!reader_is_empty(&r))
        finding_add_unread(a, &out->findings, &r);
    return out->findings.num_findings == 0 ? PARSE_DONE : PARSE_NOTE;
}
