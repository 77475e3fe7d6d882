// A client of Go's crypto/tls: HOST:PORT is asked for a page. Options narrow what it offers.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"os"
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func main() {
	ca := flag.String("ca", "", "a file of certificates to trust instead of the system's")
	max := flag.Bool("max12", false, "TLS 1.2 at most")
	flag.Parse()
	config := &tls.Config{}
	if *max {
		config.MaxVersion = tls.VersionTLS12
	}
	if *ca != "" {
		pem, err := os.ReadFile(*ca)
		if err != nil {
			fail(err)
		}
		config.RootCAs = x509.NewCertPool()
		config.RootCAs.AppendCertsFromPEM(pem)
	}
	connection, err := tls.Dial("tcp", flag.Arg(0), config)
	if err != nil {
		fail(err)
	}
	fmt.Fprint(connection, "GET / HTTP/1.0\r\n\r\n")
	_, _ = io.ReadAll(connection)
}
