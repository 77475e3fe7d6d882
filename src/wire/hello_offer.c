#include "registry/registry.h"
#include "wire/extension.h"
#include "wire/hello_edit.h"

bool code_is_grease(uint16_t code)
{
    return (code & 0x0f0f) == 0x0a0a && code >> 8 == (code & 0xff);
}

const extension *client_hello_extension(const client_hello *hello, uint16_t type)
{
    return extension_in(hello->extensions, hello->num_extensions, type);
}

/* The codes of that extension's list, as far as they can be read; empty where it was not sent. */
static code_list offered_codes(arena *a, const client_hello *hello, uint16_t type)
{
    code_list codes = {0};
    const extension *e = client_hello_extension(hello, type);
    if (e == NULL || code_list_body_read(a, e->body, code_list_body_length_size(type), &codes))
        return codes;
    return codes; /* a body that breaks its structure was noted when it was parsed */
}

code_list client_hello_groups(arena *a, const client_hello *hello)
{
    return offered_codes(a, hello, EXTENSION_SUPPORTED_GROUPS);
}

code_list client_hello_signature_schemes(arena *a, const client_hello *hello)
{
    return offered_codes(a, hello, EXTENSION_SIGNATURE_ALGORITHMS);
}

/* ---- versions -------------------------------------------------------------------------------------------------- */

/* Numbers that order as the versions did: a draft of TLS 1.3 (0x7fxx) lies between TLS 1.2 and TLS 1.3. */
static uint32_t version_rank(uint16_t version)
{
    return version >> 8 == 0x7f ? (uint32_t)VERSION_TLS12 << 8 | (version & 0xff) : (uint32_t)version << 8;
}

/* Puts `version` where its rank wants it. The list has room. */
static void insert_by_rank(code_list *list, uint16_t version)
{
    size_t i = list->num_codes++;
    for (; i > 0 && version_rank(list->codes[i - 1]) < version_rank(version); i--)
        list->codes[i] = list->codes[i - 1];
    list->codes[i] = version;
}

/* Of a hello without supported_versions: it names its highest, and means all from SSL 3.0 up to it. */
static void insert_legacy_versions(code_list *list, uint16_t legacy_version)
{
    if (legacy_version < VERSION_SSL3) {
        insert_by_rank(list, legacy_version);
        return;
    }
    uint16_t max = legacy_version > VERSION_TLS12 ? VERSION_TLS12 : legacy_version;
    for (uint16_t version = VERSION_SSL3; version <= max; version++)
        insert_by_rank(list, version);
}

code_list client_hello_versions(arena *a, const client_hello *hello)
{
    code_list stated = offered_codes(a, hello, EXTENSION_SUPPORTED_VERSIONS);
    code_list versions = {.codes = ARENA_ARRAY(a, stated.num_codes + 4, uint16_t)};
    if (client_hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS) == NULL)
        insert_legacy_versions(&versions, hello->legacy_version);
    for (size_t i = 0; i < stated.num_codes; i++)
        if (!code_is_grease(stated.codes[i]) && !codes_contain(versions, stated.codes[i]))
            insert_by_rank(&versions, stated.codes[i]);
    return versions;
}

/* A reader of supported_versions' codes; false where it was not sent. */
static bool stated_versions(const client_hello *hello, reader *out)
{
    const extension *e = client_hello_extension(hello, EXTENSION_SUPPORTED_VERSIONS);
    if (e == NULL)
        return false;
    reader body = reader_from(e->body);
    if (!read_vector8(&body, "versions", out))
        *out = reader_from(bytes_from(NULL, 0));
    return true;
}

uint16_t client_hello_version_max(const client_hello *hello)
{
    reader list;
    if (!stated_versions(hello, &list))
        return hello->legacy_version > VERSION_TLS12 ? VERSION_TLS12 : hello->legacy_version;
    uint16_t max = 0, version;
    while (read_u16(&list, "version", &version))
        if (!code_is_grease(version) && version_rank(version) > version_rank(max))
            max = version;
    return max;
}

uint16_t client_hello_version_min_stated(const client_hello *hello)
{
    reader list;
    uint16_t min = 0, version;
    if (!stated_versions(hello, &list))
        return 0;
    while (read_u16(&list, "version", &version))
        if (!code_is_grease(version) && (min == 0 || version_rank(version) < version_rank(min)))
            min = version;
    return min;
}

/* ---- other extensions ------------------------------------------------------------------------------------------ */

bytes_view client_hello_server_name(const client_hello *hello)
{
    const extension *e = client_hello_extension(hello, EXTENSION_SERVER_NAME);
    reader body = reader_from(e == NULL ? bytes_from(NULL, 0) : e->body);
    reader list, name;
    uint8_t type;
    if (!read_vector16(&body, "server_name_list", &list))
        return bytes_from(NULL, 0);
    while (read_u8(&list, "name_type", &type) && read_vector16(&list, "host_name", &name))
        if (type == 0)
            return read_rest(&name);
    return bytes_from(NULL, 0);
}

size_t client_hello_alpn(arena *a, const client_hello *hello, bytes_view **protocols)
{
    const extension *e = client_hello_extension(hello, EXTENSION_ALPN);
    reader body = reader_from(e == NULL ? bytes_from(NULL, 0) : e->body);
    reader list, name;
    size_t num_protocols = 0;
    *protocols = NULL;
    if (!read_vector16(&body, "protocol_name_list", &list))
        return 0;
    *protocols = ARENA_ARRAY(a, reader_len(&list), bytes_view);
    while (read_vector8(&list, "protocol_name", &name))
        (*protocols)[num_protocols++] = read_rest(&name);
    return num_protocols;
}

size_t hello_key_shares(arena *a, const client_hello *hello, key_share **shares)
{
    const extension *e = client_hello_extension(hello, EXTENSION_KEY_SHARE);
    reader body = reader_from(e == NULL ? bytes_from(NULL, 0) : e->body);
    reader list, key_exchange;
    size_t num_shares = 0;
    uint16_t group;
    *shares = NULL;
    if (!read_vector16(&body, "client_shares", &list))
        return 0;
    *shares = ARENA_ARRAY(a, reader_len(&list) / 4, key_share);
    while (read_u16(&list, "group", &group) && read_vector16(&list, "key_exchange", &key_exchange))
        (*shares)[num_shares++] = (key_share){.group = group, .key_exchange = read_rest(&key_exchange)};
    return num_shares;
}

code_list client_hello_key_share_groups(arena *a, const client_hello *hello)
{
    key_share *shares;
    size_t num_shares = hello_key_shares(a, hello, &shares);
    code_list groups = {.codes = ARENA_ARRAY(a, num_shares, uint16_t)};
    for (size_t i = 0; i < num_shares; i++)
        groups.codes[groups.num_codes++] = shares[i].group;
    return groups;
}
