// A server of Go's crypto/tls, with four suites of TLS 1.2 and all of TLS 1.3: server ADDRESS CERTIFICATE KEY.
package main

import (
	"crypto/tls"
	"log"
	"net/http"
	"os"
)

func main() {
	config := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}}
	server := &http.Server{Addr: os.Args[1], TLSConfig: config}
	log.Fatal(server.ListenAndServeTLS(os.Args[2], os.Args[3]))
}
