// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// peerOf is the verified ID and the serial number of whom the connection was made with.
func peerOf(certificates []*x509.Certificate) (id, serial string, err error) {
	if len(certificates) == 0 {
		return "", "", fmt.Errorf("the peer showed no certificate")
	}
	spiffeID, err := x509svid.IDFromCert(certificates[0])
	return spiffeID.String(), certificates[0].SerialNumber.String(), err
}

// serveTLS answers each line with the ID of the client.
func serveTLS(listener net.Listener, e endpoint, report func(event)) error {
	config := e.server(report)
	for {
		raw, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			conn := tls.Server(raw, config)
			defer conn.Close()
			if err := conn.Handshake(); err != nil {
				report(event{Event: "refused", Error: err.Error()})
				return
			}
			id, _, err := peerOf(conn.ConnectionState().PeerCertificates)
			if err != nil {
				return
			}
			lines := bufio.NewScanner(conn)
			for lines.Scan() {
				if _, err := io.WriteString(conn, id+"\n"); err != nil {
					return
				}
			}
		}()
	}
}

func openTLS(_ string, e endpoint, dial func(context.Context) (net.Conn, error)) (client, error) {
	var conn *tls.Conn
	var reader *bufio.Reader
	request := func(ctx context.Context) (reply, error) {
		if conn == nil {
			raw, err := dial(ctx)
			if err != nil {
				return reply{}, err
			}
			conn = tls.Client(raw, e.client())
			reader = bufio.NewReader(conn)
			if err := conn.HandshakeContext(ctx); err != nil {
				return reply{}, err
			}
		}
		_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
		defer func() { _ = conn.SetDeadline(time.Time{}) }()
		if _, err := io.WriteString(conn, "hello\n"); err != nil {
			return reply{}, err
		}
		line, err := reader.ReadString('\n')
		if err != nil {
			return reply{}, err
		}
		id, serial, err := peerOf(conn.ConnectionState().PeerCertificates)
		return reply{peer: id, seen: strings.TrimSpace(line), serial: serial}, err
	}
	hold := func(context.Context) error {
		_, err := reader.ReadByte()
		return err
	}
	return client{request: request, hold: hold, close: func() {
		if conn != nil {
			_ = conn.Close()
		}
	}}, nil
}
