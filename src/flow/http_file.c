#include "flow/http_file.h"

#include "flow/preamble_kinds.h"

#include <string.h>

#define SCHEME "http://"
enum { URI_LEN_MAX = 2048, STATUS_OK = 200 };

bool http_file_can_be_asked(const char *uri)
{
    static const char others[] = "-._~:/?#[]!$&()*+,;=%";
    size_t len = strlen(uri);
    if (!bytes_start_with_ignoring_case(bytes_from_text(uri), SCHEME) || len == sizeof SCHEME - 1 || len > URI_LEN_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool is_letter = (uri[i] >= 'a' && uri[i] <= 'z') || (uri[i] >= 'A' && uri[i] <= 'Z') || (uri[i] >= '0' && uri[i] <= '9');
        if (!is_letter && strchr(others, uri[i]) == NULL)
            return false;
    }
    return true;
}

bytes_view http_file_request(arena *a, const char *uri, bool by_proxy)
{
    const char *authority = uri + sizeof SCHEME - 1;
    size_t authority_len = strcspn(authority, "/?#");
    const char *rest = authority + authority_len;
    int rest_len = (int)strcspn(rest, "#");
    const char *slash = *rest == '/' ? "" : "/", *whole = by_proxy ? SCHEME : "";
    return bytes_from_text(arena_printf(a,
                                        "GET %s%.*s%s%.*s HTTP/1.0\r\nHost: %.*s\r\nUser-Agent: tlswhy\r\n"
                                        "Accept: application/pkix-cert, application/pkcs7-mime, */*\r\n\r\n",
                                        whole, by_proxy ? (int)authority_len : 0, authority, slash, rest_len, rest,
                                        (int)authority_len, authority));
}

/* The value of that line of the header, "Name:" included in `name`; false where there is none. */
static bool header_value(bytes_view header, const char *name, bytes_view *value)
{
    size_t offset = 0;
    bytes_view line;
    while (text_line(header, &offset, &line)) {
        if (!bytes_start_with_ignoring_case(line, name))
            continue;
        *value = bytes_slice(line, strlen(name), line.len);
        while (bytes_at(*value, 0) == ' ')
            *value = bytes_slice(*value, 1, value->len);
        return true;
    }
    return false;
}

/* -1 where it is not said. */
static int content_length(bytes_view header)
{
    bytes_view value;
    return header_value(header, "Content-Length:", &value) ? text_number(value) : -1;
}

/* Those that say that it is elsewhere (RFC 9110, 15.4); the others of 3xx want a choice, or a copy that nobody has. */
static bool is_elsewhere(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

const char *http_file_led_on(arena *a, const char *uri, const char *location)
{
    const char *authority = uri + sizeof SCHEME - 1;
    const char *led_on = location[0] == '/' && location[1] != '/'
                             ? arena_printf(a, SCHEME "%.*s%s", (int)strcspn(authority, "/?#"), authority, location)
                             : location;
    return http_file_can_be_asked(led_on) ? led_on : NULL;
}

http_file_answer http_file_answer_read(arena *a, bytes_view received)
{
    http_file_answer out = {0};
    size_t end = 0;
    if (received.len == 0) {
        out.problem = "nothing came back";
        return out;
    }
    (void)http_reply(received, &end, &out.status);
    if (out.status < 100 || out.status > 999) {
        out.status = 0;
        out.problem = "what came back is no answer of HTTP";
        return out;
    }
    bytes_view header = bytes_slice(received, 0, end), body = bytes_slice(received, end, received.len), location;
    if (is_elsewhere(out.status) && header_value(header, "Location:", &location) && location.len <= URI_LEN_MAX)
        out.location = bytes_to_text(a, location);
    if (out.status != STATUS_OK) {
        out.problem = arena_printf(a, "the answer was HTTP status %d", out.status);
        return out;
    }
    int len = content_length(header);
    if (len >= 0 && body.len < (size_t)len)
        out.problem = "the answer was cut";
    else if (body.len == 0 || len == 0)
        out.problem = "the file is empty";
    else
        out.body = len >= 0 ? bytes_slice(body, 0, (size_t)len) : body;
    return out;
}
