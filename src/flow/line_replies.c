/* Replies of the line protocols whose replies are more than a code or a tag: NNTP, ManageSieve, IRC. */
#include "flow/preamble_kinds.h"

/* The codes after which lines follow up to a "." (RFC 3977, 3.1, and the commands' own sections). */
static const int nntp_codes_of_lists[] = {100, 101, 215, 220, 221, 222, 224, 225, 230, 231};

static bool nntp_list_follows(int code)
{
    for (size_t i = 0; i < sizeof nntp_codes_of_lists / sizeof *nntp_codes_of_lists; i++)
        if (nntp_codes_of_lists[i] == code)
            return true;
    return false;
}

enum reply nntp_reply(bytes_view server, size_t *offset)
{
    size_t end = *offset;
    bytes_view line;
    if (!text_line(server, &end, &line))
        return REPLY_NOT_YET;
    int code = text_number(bytes_slice(line, 0, 3));
    bool is_whole = !nntp_list_follows(code);
    while (!is_whole && text_line(server, &end, &line))
        is_whole = line.len == 1 && bytes_at(line, 0) == '.';
    if (!is_whole)
        return REPLY_NOT_YET;
    *offset = end;
    return code >= 100 && code < 400 ? REPLY_YES : REPLY_NO;
}

/* How long the literal is that a line ends with, "{12}" or "{12+}" (RFC 5804, 4); 0 where it ends with none. */
static size_t sieve_literal_len(bytes_view line)
{
    size_t open = line.len;
    if (line.len < 3 || bytes_at(line, line.len - 1) != '}')
        return 0;
    while (open > 0 && bytes_at(line, open) != '{')
        open--;
    int len = text_number(bytes_slice(line, open + 1, line.len));
    return len < 0 ? 0 : (size_t)len;
}

enum reply sieve_reply(bytes_view server, size_t *offset)
{
    size_t end = *offset;
    bytes_view line;
    while (text_line(server, &end, &line)) {
        bool yes = text_match(line, "OK") == MATCH_YES;
        bool no = text_match(line, "NO") == MATCH_YES || text_match(line, "BYE") == MATCH_YES;
        size_t literal_len = sieve_literal_len(line);
        if (literal_len > 0 && bytes_slice(server, end, literal_len).len < literal_len)
            return REPLY_NOT_YET;
        end += literal_len;
        if (literal_len > 0 && !text_line(server, &end, &line))
            return REPLY_NOT_YET;
        if (!yes && !no)
            continue; /* a capability */
        *offset = end;
        return yes ? REPLY_YES : REPLY_NO;
    }
    return REPLY_NOT_YET;
}

/* The second word of ":server 670 nick :...", or the first where there is no prefix; `*rest` is what follows it. */
static bytes_view irc_command(bytes_view line, bytes_view *rest)
{
    if (bytes_at(line, 0) == ':')
        line = bytes_slice(line, bytes_until(line, ' ').len + 1, line.len);
    bytes_view command = bytes_until(line, ' ');
    *rest = bytes_slice(line, command.len, line.len);
    return command;
}

enum reply irc_reply(bytes_view server, size_t *offset)
{
    size_t end = *offset;
    bytes_view line, rest;
    while (text_line(server, &end, &line)) {
        bytes_view command = irc_command(line, &rest);
        int code = text_number(command);
        bool is_about_it = bytes_contain_ignoring_case(rest, "STARTTLS");
        bool refused = code == 691 || (code >= 400 && code < 600 && is_about_it) || text_is_command(command, "ERROR");
        if (code != 670 && !refused)
            continue; /* notices, PING, what other commands are answered */
        *offset = end;
        return refused ? REPLY_NO : REPLY_YES;
    }
    return REPLY_NOT_YET;
}

/* "CAP * LS :tls sasl"; but not "CAP * LS * :...", after which more of the list comes. */
static bool is_end_of_list(bytes_view rest)
{
    size_t at;
    return text_find(rest, 0, " LS :", &at);
}

/* `tls`, as a word of its own. */
static bool names_tls(bytes_view list)
{
    while (list.len > 0) {
        bytes_view word = bytes_until(list, ' ');
        list = bytes_slice(list, word.len + 1, list.len);
        if (bytes_at(word, 0) == ':')
            word = bytes_slice(word, 1, word.len);
        if (word.len == 3 && text_match(word, "tls") == MATCH_YES)
            return true;
    }
    return false;
}

bool irc_lacks_tls(bytes_view server, size_t *offset)
{
    size_t end = *offset;
    bytes_view line, rest;
    bool has_tls = false, is_whole = false;
    while (!is_whole && text_line(server, &end, &line))
        if (text_is_command(irc_command(line, &rest), "CAP")) {
            has_tls = has_tls || names_tls(rest);
            is_whole = is_end_of_list(rest);
        }
    *offset = is_whole && !has_tls ? end : *offset;
    return is_whole && !has_tls;
}

static bool says_no(bytes_view line)
{
    int first = bytes_at(line, 0);
    bytes_view answer = bytes_slice(line, bytes_until(line, ' ').len + 1, line.len); /* IMAP: behind the tag */
    return first == '4' || first == '5' || bytes_start_with_ignoring_case(line, "-ERR") || text_match(line, "NO") == MATCH_YES ||
           bytes_start_with_ignoring_case(answer, "NO ") || bytes_start_with_ignoring_case(answer, "BAD ");
}

static bool is_of_words(int octet)
{
    return (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z') || (octet >= 'a' && octet <= 'z');
}

static bool is_word_of_tls(bytes_view word)
{
    static const char *const whole[] = {"TLS", "SSL", "STARTTLS", "STLS", "PRIVACYREQUIRED"};
    static const char *const beginnings[] = {"TLSv", "SSLv", "encrypt", "unencrypt"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++)
        if (text_match(word, whole[i]) == MATCH_YES && word.len == bytes_from_text(whole[i]).len)
            return true;
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (text_match(word, beginnings[i]) == MATCH_YES)
            return true;
    return false;
}

/* An address, a host's name, a path, or one word in quotes: it is of somebody's own choice, and says nothing of what the server
 * wants. */
static bool is_name(bytes_view token)
{
    int first = bytes_at(token, 0);
    bool is_quoted =
        (first == '"' || first == '\'') && bytes_until(bytes_slice(token, 1, token.len), (uint8_t)first).len + 1 < token.len;
    bool is_named = first == '<' || first == '/' || is_quoted || bytes_until(token, '@').len < token.len;
    for (size_t i = 0; i + 1 < token.len && !is_named; i++) {
        int next = bytes_at(token, i + 1);
        is_named = bytes_at(token, i) == '.' && is_of_words(next) && !(next >= '0' && next <= '9'); /* "TLSv1.2" is none */
    }
    return is_named;
}

static bool token_is_about_tls(bytes_view token)
{
    for (size_t at = 0; at < token.len;) {
        size_t end = at;
        while (end < token.len && is_of_words(bytes_at(token, end)))
            end++;
        if (is_word_of_tls(bytes_slice(token, at, end - at)))
            return true;
        at = end + 1;
    }
    return false;
}

/* As Postfix, Exim, Dovecot, Cyrus ("under a layer"), ProFTPD and vsftpd ("must use encryption") say it. */
static bool is_about_tls(bytes_view line)
{
    if (bytes_contain_ignoring_case(line, "under a layer"))
        return true;
    while (line.len > 0) {
        bytes_view token = bytes_until(line, ' ');
        if (!is_name(token) && token_is_about_tls(token))
            return true;
        line = bytes_slice(line, token.len + 1, line.len);
    }
    return false;
}

bytes_view line_that_demands_tls(bytes_view server)
{
    size_t offset = 0;
    bytes_view line;
    while (text_line(server, &offset, &line))
        if (says_no(line) && is_about_tls(line))
            return line;
    return bytes_from(NULL, 0);
}
