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
	min := flag.Bool("min13", false, "TLS 1.3 at least")
	suite := flag.Bool("aes128", false, "of the suites of TLS 1.2 one alone, ECDHE-RSA-AES128-GCM-SHA256")
	group := flag.Bool("x25519", false, "that group alone")
	name := flag.Bool("noname", false, "no server name, and the certificates verified for localhost all the same")
	protocol := flag.String("alpn", "", "an application protocol that is asked for")
	flag.Parse()
	config := &tls.Config{}
	if *max {
		config.MaxVersion = tls.VersionTLS12
	}
	if *min {
		config.MinVersion = tls.VersionTLS13
	}
	if *suite {
		config.MaxVersion = tls.VersionTLS12
		config.CipherSuites = []uint16{tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256}
	}
	if *group {
		config.CurvePreferences = []tls.CurveID{tls.X25519}
	}
	if *name {
		config.ServerName = "127.0.0.1"
	}
	if *protocol != "" {
		config.NextProtos = []string{*protocol}
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
