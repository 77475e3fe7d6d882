#include "flow/preamble_kinds.h"

#include <string.h>

void preamble_refuse(preamble *out, bytes_view server, size_t reply_end)
{
    size_t offset = 0;
    bytes_view said = bytes_slice(server, 0, reply_end);
    out->refused = true;
    while (text_line(said, &offset, &out->refusal))
        continue;
}

void preamble_finish(preamble *out, size_t client_len, size_t server_len)
{
    out->complete = true;
    out->refused = false;
    out->refusal = bytes_from(NULL, 0);
    out->client_bytes = bytes_slice(out->client_bytes, 0, client_len);
    out->server_bytes = bytes_slice(out->server_bytes, 0, server_len);
}

static int lower(int byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte;
}

enum match text_match(bytes_view v, const char *text)
{
    bytes_view wanted = bytes_from_text(text);
    for (size_t i = 0; i < wanted.len; i++) {
        if (i == v.len)
            return MATCH_PERHAPS;
        if (lower(bytes_at(v, i)) != lower(bytes_at(wanted, i)))
            return MATCH_NO;
    }
    return MATCH_YES;
}

bool text_line(bytes_view v, size_t *offset, bytes_view *line)
{
    bytes_view rest = bytes_slice(v, *offset, v.len);
    bytes_view found = bytes_until(rest, '\n');
    if (found.len == rest.len)
        return false;
    *offset += found.len + 1;
    bool has_cr = found.len > 0 && bytes_at(found, found.len - 1) == '\r';
    *line = bytes_slice(found, 0, found.len - (has_cr ? 1 : 0));
    return true;
}

bool text_header_end(bytes_view v, size_t offset, size_t *end)
{
    bytes_view line;
    while (text_line(v, &offset, &line)) {
        *end = offset;
        if (line.len == 0)
            return true;
    }
    return false;
}

bool text_find(bytes_view v, size_t offset, const char *text, size_t *at)
{
    for (size_t i = offset; i < v.len; i++) {
        if (bytes_start_with_ignoring_case(bytes_slice(v, i, v.len), text)) {
            *at = i;
            return true;
        }
    }
    return false;
}

static size_t skip_blanks(bytes_view v, size_t offset)
{
    while (bytes_at(v, offset) == ' ' || bytes_at(v, offset) == '\t')
        offset++;
    return offset;
}

bool text_is_command(bytes_view line, const char *words)
{
    size_t offset = skip_blanks(line, 0);
    for (const char *next = words; *next != '\0'; next++) {
        int byte = bytes_at(line, offset);
        if (*next == ' ') {
            if (byte != ' ' && byte != '\t')
                return false;
            offset = skip_blanks(line, offset);
        } else if (lower(byte) == lower(*next)) {
            offset++;
        } else {
            return false;
        }
    }
    return skip_blanks(line, offset) >= line.len;
}

int text_number(bytes_view v)
{
    int number = -1;
    for (size_t i = 0; i < 9; i++) {
        int digit = bytes_at(v, i);
        if (digit < '0' || digit > '9')
            break;
        number = (number < 0 ? 0 : number * 10) + (digit - '0');
    }
    return number;
}

void authority_split(arena *a, const char *authority, char **host, uint16_t *port)
{
    bytes_view whole = bytes_from_text(authority);
    size_t host_len = whole.len;
    for (size_t i = 0; i < whole.len; i++)
        if (bytes_at(whole, i) == ':')
            host_len = i;
    bool has_brackets = bytes_at(whole, 0) == '[' && host_len > 1 && bytes_at(whole, host_len - 1) == ']';
    *host = bytes_to_text(a, has_brackets ? bytes_slice(whole, 1, host_len - 2) : bytes_slice(whole, 0, host_len));
    int number = text_number(bytes_slice(whole, host_len + 1, whole.len));
    *port = number < 0 ? 443 : (uint16_t)number;
}

enum reply numeric_reply(bytes_view server, size_t *offset)
{
    size_t end = *offset;
    bytes_view line;
    while (text_line(server, &end, &line)) {
        int code = text_number(bytes_slice(line, 0, 3));
        bool is_last = code >= 100 && bytes_at(line, 3) != '-';
        if (!is_last)
            continue;
        *offset = end;
        return code < 200 ? REPLY_PRELIMINARY : code < 400 ? REPLY_YES : REPLY_NO;
    }
    return REPLY_NOT_YET;
}

enum reply pop3_reply(bytes_view server, size_t *offset)
{
    size_t end = *offset;
    bytes_view line;
    while (text_line(server, &end, &line)) {
        bool yes = bytes_start_with_ignoring_case(line, "+");
        if (!yes && !bytes_start_with_ignoring_case(line, "-ERR"))
            continue; /* of a reply of several lines */
        *offset = end;
        return yes ? REPLY_YES : REPLY_NO;
    }
    return REPLY_NOT_YET;
}

enum reply imap_reply(bytes_view server, bytes_view tag, size_t *offset)
{
    size_t end = *offset;
    bytes_view line;
    while (text_line(server, &end, &line)) {
        bool says_bye = bytes_start_with_ignoring_case(line, "* BYE");
        if (!says_bye && (!bytes_equal(bytes_slice(line, 0, tag.len), tag) || bytes_at(line, tag.len) != ' '))
            continue;
        *offset = end;
        return !says_bye && bytes_start_with_ignoring_case(bytes_slice(line, tag.len + 1, line.len), "OK") ? REPLY_YES : REPLY_NO;
    }
    return REPLY_NOT_YET;
}
