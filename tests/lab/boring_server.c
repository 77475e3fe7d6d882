/*
 * A server of BoringSSL's: what no other library here has. boring_server PORT CERTIFICATE KEY: on 127.0.0.1, in TLS 1.2 and 1.3,
 * with certificates compressed by zlib, and suites of which two are equal to it. One process for each connection.
 */
#include <netinet/in.h>
#include <openssl/bytestring.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

enum { BY_ZLIB = 1 };

static int compress_by_zlib(SSL *ssl, CBB *out, const uint8_t *in, size_t in_len)
{
    (void)ssl;
    uLongf out_len = compressBound(in_len);
    uint8_t *place;
    return CBB_reserve(out, &place, out_len) && compress(place, &out_len, in, in_len) == Z_OK && CBB_did_write(out, out_len);
}

static int listen_at(const char *port)
{
    int taken = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(taken, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    return bind(taken, (struct sockaddr *)&at, sizeof at) == 0 && listen(taken, 64) == 0 ? taken : -1;
}

static void serve(SSL_CTX *context, int connection)
{
    char byte;
    SSL *ssl = SSL_new(context);
    if (SSL_set_fd(ssl, connection) == 1 && SSL_accept(ssl) == 1)
        while (SSL_read(ssl, &byte, 1) > 0)
            continue;
    SSL_free(ssl);
}

int main(int argc, char **argv)
{
    SSL_CTX *context = SSL_CTX_new(TLS_method());
    if (argc != 4 || SSL_CTX_use_certificate_chain_file(context, argv[2]) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, argv[3], SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_set_strict_cipher_list(
            context, "[ECDHE-RSA-AES128-GCM-SHA256|ECDHE-RSA-CHACHA20-POLY1305]:ECDHE-RSA-AES256-GCM-SHA384:AES128-SHA") != 1 ||
        SSL_CTX_add_cert_compression_alg(context, BY_ZLIB, compress_by_zlib, NULL) != 1)
        return 2;
    SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
    signal(SIGCHLD, SIG_IGN);
    for (int listener = listen_at(argv[1]); listener >= 0;) {
        int connection = accept(listener, NULL, NULL);
        if (connection >= 0 && fork() == 0) {
            serve(context, connection);
            _exit(0);
        }
        close(connection);
    }
    return 1;
}
