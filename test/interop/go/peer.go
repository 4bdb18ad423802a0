// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
)

// command is one line of standard input of the mode "peer". The same lines drive the peer in ../ts-peer.
type command struct {
	ID        int    `json:"id"`
	Op        string `json:"op"`
	Transport string `json:"transport"`
	Address   string `json:"address"`
	Authorize string `json:"authorize"`
	Seconds   int    `json:"seconds"`
	EveryMs   int    `json:"every_ms"`
	// Fresh makes each request of a stream use a new connection.
	Fresh bool `json:"fresh"`
	// TLS12 offers nothing newer.
	TLS12 bool `json:"tls12"`
	// Certificate and Key, PEM files, replace the identity of the Workload API.
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// event is one line of standard output; those with the ID of a command belong to it.
type event struct {
	ID      int      `json:"id"`
	Event   string   `json:"event"`
	Address string   `json:"address,omitempty"`
	Peer    string   `json:"peer,omitempty"`
	Seen    string   `json:"seen,omitempty"`
	Error   string   `json:"error,omitempty"`
	Count   int      `json:"count,omitempty"`
	Failed  int      `json:"failed,omitempty"`
	Serials int      `json:"serials,omitempty"`
	Resumed int      `json:"resumed,omitempty"`
	Errors  []string `json:"errors,omitempty"`
}

var output sync.Mutex

func emit(one event) {
	line, err := json.Marshal(one)
	if err != nil {
		panic(err)
	}
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

// endpoint is what a connection of a peer needs: who it is, what it trusts, whom it lets in.
type endpoint struct {
	svid      x509svid.Source
	bundles   x509bundle.Source
	authorize tlsconfig.Authorizer
	// sessions keeps the tickets of servers; nil as in go-spiffe: none are kept.
	sessions tls.ClientSessionCache
	// resumed counts connections that began with one.
	resumed *atomic.Int32
	tls12   bool
}

// server hands out tickets, as Go does unless told otherwise, and reports a client that comes with one.
func (e endpoint) server(report func(event)) *tls.Config {
	config := tlsconfig.MTLSServerConfig(e.svid, e.bundles, e.authorize)
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if state.DidResume {
			report(event{Event: "resumed"})
		}
		return nil
	}
	return config
}

func (e endpoint) client() *tls.Config {
	config := tlsconfig.MTLSClientConfig(e.svid, e.bundles, e.authorize)
	config.ClientSessionCache = e.sessions
	config.VerifyConnection = func(state tls.ConnectionState) error {
		if state.DidResume {
			e.resumed.Add(1)
		}
		return nil
	}
	if e.tls12 {
		config.MaxVersion = tls.VersionTLS12
	}
	return config
}

// exchange makes a request over an open client and tells whom the server saw.
type exchange func(ctx context.Context) (reply, error)

type reply struct {
	// peer is the server's ID as verified by go-spiffe, seen the client's as the server saw it.
	peer, seen, serial string
}

// client is one client of a transport: connections are made by dial.
type client struct {
	request exchange
	// hold goes on until the server ends the connection; nil where a connection that is idle shows its end.
	hold  func(ctx context.Context) error
	close func()
}

type transport struct {
	serve func(listener net.Listener, e endpoint, report func(event)) error
	open  func(address string, e endpoint, dial func(context.Context) (net.Conn, error)) (client, error)
}

var transports = map[string]transport{
	"tls":   {serveTLS, openTLS},
	"https": {serveHTTP("http/1.1"), openHTTP("http/1.1")},
	"http2": {serveHTTP("h2"), openHTTP("h2")},
	"grpc":  {serveGRPC, openGRPC},
}

// peer serves and calls as the lines of its standard input ask, under the SVID of the Workload API.
func peer(ctx context.Context) error {
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	emit(event{Event: "ready", Peer: must(source.GetX509SVID()).ID.String()})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked command
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		go func() {
			if err := asked.run(ctx, source); err != nil {
				emit(event{ID: asked.ID, Event: "failed", Error: err.Error()})
			}
		}()
	}
	return lines.Err()
}

func (c command) run(ctx context.Context, source *workloadapi.X509Source) error {
	chosen, ok := transports[c.Transport]
	if !ok {
		return fmt.Errorf("no transport %q", c.Transport)
	}
	e := endpoint{svid: source, bundles: source, resumed: &atomic.Int32{}, tls12: c.TLS12}
	var err error
	if e.authorize, err = authorizer(c.Authorize); err != nil {
		return err
	}
	if c.Certificate != "" {
		if e.svid, err = x509svid.Load(c.Certificate, c.Key); err != nil {
			return err
		}
	}
	switch c.Op {
	case "serve":
		return c.serve(chosen, e)
	case "call":
		return c.call(ctx, chosen, e)
	case "hold":
		return c.hold(ctx, chosen, e)
	case "stream":
		return c.stream(ctx, chosen, e)
	case "resume":
		return c.resume(ctx, chosen, e)
	default:
		return fmt.Errorf("no op %q", c.Op)
	}
}

// authorizer reads "any", "member:TRUST DOMAIN" or "id:SPIFFE ID".
func authorizer(text string) (tlsconfig.Authorizer, error) {
	kind, argument, _ := strings.Cut(text, ":")
	switch kind {
	case "any":
		return tlsconfig.AuthorizeAny(), nil
	case "member":
		trustDomain, err := spiffeid.TrustDomainFromString(argument)
		return tlsconfig.AuthorizeMemberOf(trustDomain), err
	case "id":
		id, err := spiffeid.FromString(argument)
		return tlsconfig.AuthorizeID(id), err
	default:
		return nil, fmt.Errorf("no authorizer %q", text)
	}
}

func (c command) serve(chosen transport, e endpoint) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	emit(event{ID: c.ID, Event: "serving", Address: listener.Addr().String()})
	return chosen.serve(listener, e, func(one event) {
		one.ID = c.ID
		emit(one)
	})
}

func (c command) call(ctx context.Context, chosen transport, e endpoint) error {
	got, err := once(ctx, chosen, c.Address, e)
	if err != nil {
		return err
	}
	emit(event{ID: c.ID, Event: "done", Peer: got.peer, Seen: got.seen})
	return nil
}

func once(ctx context.Context, chosen transport, address string, e endpoint) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	opened, err := chosen.open(address, e, dialer(address, nil))
	if err != nil {
		return reply{}, err
	}
	defer opened.close()
	return opened.request(ctx)
}

// resume makes three requests over connections of their own, each with the tickets that it was given before.
func (c command) resume(ctx context.Context, chosen transport, e endpoint) error {
	e.sessions = tls.NewLRUClientSessionCache(8)
	for range 3 {
		if _, err := once(ctx, chosen, c.Address, e); err != nil {
			return err
		}
	}
	emit(event{ID: c.ID, Event: "done", Count: 3, Resumed: int(e.resumed.Load())})
	return nil
}

// hold makes a request, keeps the connection and reports when the server ends it.
func (c command) hold(ctx context.Context, chosen transport, e endpoint) error {
	ended := make(chan error, 1)
	opened, err := chosen.open(c.Address, e, dialer(c.Address, ended))
	if err != nil {
		return err
	}
	defer opened.close()
	got, err := opened.request(ctx)
	if err != nil {
		return err
	}
	emit(event{ID: c.ID, Event: "done", Peer: got.peer, Seen: got.seen})
	if opened.hold != nil {
		go func() { _ = opened.hold(ctx) }()
	}
	emit(event{ID: c.ID, Event: "ended", Error: (<-ended).Error()})
	return nil
}

func (c command) stream(ctx context.Context, chosen transport, e endpoint) error {
	result := event{ID: c.ID, Event: "done"}
	serials := map[string]bool{}
	kept, err := chosen.open(c.Address, e, dialer(c.Address, nil))
	if err != nil {
		return err
	}
	defer kept.close()
	for end := time.Now().Add(time.Duration(c.Seconds) * time.Second); time.Now().Before(end); {
		got, err := c.streamed(ctx, chosen, e, kept)
		result.Count++
		if err != nil {
			result.Failed++
			result.Errors = append(result.Errors, err.Error())
		} else {
			serials[got.serial] = true
		}
		time.Sleep(time.Duration(c.EveryMs) * time.Millisecond)
	}
	result.Serials = len(serials)
	emit(result)
	return nil
}

func (c command) streamed(ctx context.Context, chosen transport, e endpoint, kept client) (reply, error) {
	if c.Fresh {
		return once(ctx, chosen, c.Address, e)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return kept.request(ctx)
}

// watchedConn tells once how reading ended. A library that was told the end inside TLS closes without reading on.
type watchedConn struct {
	net.Conn
	ended chan<- error
	once  sync.Once
}

func (w *watchedConn) Read(into []byte) (int, error) {
	n, err := w.Conn.Read(into)
	if err != nil && !errors.Is(err, net.ErrClosed) {
		w.once.Do(func() { w.ended <- err })
	}
	return n, err
}

func (w *watchedConn) Close() error {
	w.once.Do(func() { w.ended <- errors.New("closed by this side") })
	return w.Conn.Close()
}

func dialer(address string, ended chan<- error) func(context.Context) (net.Conn, error) {
	return func(ctx context.Context) (net.Conn, error) {
		plain := net.Dialer{Timeout: 5 * time.Second}
		conn, err := plain.DialContext(ctx, "tcp", address)
		if err != nil || ended == nil {
			return conn, err
		}
		return &watchedConn{Conn: conn, ended: ended}, nil
	}
}
