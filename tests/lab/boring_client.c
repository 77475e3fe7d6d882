/*
 * A client of BoringSSL's that insists on its encrypted hello (RFC 9849): boring_client PORT TRUSTED CONFIG. It connects to
 * localhost, trusts the certificates of the file TRUSTED, and encrypts its hello for CONFIG, an ECHConfigList in hexadecimal.
 * Where the server does not take it, it ends the handshake and says so.
 */
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CONFIG_LEN_MAX = 1024 };

static int connect_to(const char *port)
{
    int made = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(made, (struct sockaddr *)&at, sizeof at) == 0 ? made : -1;
}

static int fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    ERR_print_errors_fp(stderr);
    return 1;
}

static size_t from_hexadecimal(const char *text, uint8_t *bytes)
{
    size_t len = 0;
    for (unsigned byte; len < CONFIG_LEN_MAX && sscanf(text + 2 * len, "%2x", &byte) == 1; len++)
        bytes[len] = (uint8_t)byte;
    return len;
}

int main(int argc, char **argv)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (argc != 4 || SSL_CTX_load_verify_locations(context, argv[2], NULL) != 1)
        return fail("usage: boring_client PORT TRUSTED CONFIG");
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    uint8_t config[CONFIG_LEN_MAX];
    SSL *ssl = SSL_new(context);
    if (SSL_set_tlsext_host_name(ssl, "localhost") != 1 ||
        SSL_set1_ech_config_list(ssl, config, from_hexadecimal(argv[3], config)) != 1)
        return fail("what it is to encrypt its hello for is none");
    int connection = connect_to(argv[1]);
    if (connection < 0 || SSL_set_fd(ssl, connection) != 1)
        return fail("no connection");
    if (SSL_connect(ssl) != 1)
        return fail("the handshake failed");
    static const char request[] = "GET / HTTP/1.0\r\n\r\n";
    SSL_write(ssl, request, sizeof request - 1);
    char answer[4096];
    while (SSL_read(ssl, answer, sizeof answer) > 0)
        continue;
    return 0;
}
