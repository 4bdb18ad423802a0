// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
)

// refusals turns the handshake errors that net/http only logs into events.
type refusals func(event)

func (report refusals) Write(line []byte) (int, error) {
	report(event{Event: "refused", Error: strings.TrimSpace(string(line))})
	return len(line), nil
}

func protocols(name string) *http.Protocols {
	var chosen http.Protocols
	chosen.SetHTTP1(name == "http/1.1")
	chosen.SetHTTP2(name == "h2")
	return &chosen
}

// serveHTTP answers each request with the ID of the client, over the one protocol.
func serveHTTP(protocol string) func(net.Listener, endpoint, func(event)) error {
	return func(listener net.Listener, e endpoint, report func(event)) error {
		server := &http.Server{
			TLSConfig: e.server(report),
			Protocols: protocols(protocol),
			ErrorLog:  log.New(refusals(report), "", 0),
			Handler: http.HandlerFunc(func(response http.ResponseWriter, request *http.Request) {
				id, _, err := peerOf(request.TLS.PeerCertificates)
				if err != nil {
					http.Error(response, err.Error(), http.StatusInternalServerError)
					return
				}
				_, _ = io.WriteString(response, id)
			}),
		}
		return server.ServeTLS(listener, "", "")
	}
}

func openHTTP(protocol string) func(string, endpoint, func(context.Context) (net.Conn, error)) (client, error) {
	return func(address string, e endpoint, dial func(context.Context) (net.Conn, error)) (client, error) {
		config := e.client()
		config.NextProtos = []string{protocol}
		transport := &http.Transport{
			TLSClientConfig: config,
			Protocols:       protocols(protocol),
			DialContext:     func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		}
		return client{
			request: func(ctx context.Context) (reply, error) { return get(ctx, transport, address) },
			close:   transport.CloseIdleConnections,
		}, nil
	}
}

func get(ctx context.Context, transport *http.Transport, address string) (reply, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+address+"/", nil)
	if err != nil {
		return reply{}, err
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{}, err
	}
	if response.StatusCode != http.StatusOK {
		return reply{}, fmt.Errorf("status %d: %s", response.StatusCode, body)
	}
	id, serial, err := peerOf(stateOf(response).PeerCertificates)
	return reply{peer: id, seen: string(body), serial: serial}, err
}

func stateOf(response *http.Response) tls.ConnectionState {
	if response.TLS == nil {
		return tls.ConnectionState{}
	}
	return *response.TLS
}
