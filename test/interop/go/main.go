// SPDX-License-Identifier: Apache-2.0

// Command client is a go-spiffe workload. The interop suite drives one such program per language:
//
//	client watch ROTATIONS        prints a line per X.509-SVID; fails when the one held is ever past its end
//	client jwt AUDIENCE           prints a JWT-SVID
//	client validate AUDIENCE JWT  validates a token against the JWT bundles and prints its SPIFFE ID
//	client serve ADDRESS          mTLS echo server, prints "ready", ends with its standard input
//	client ping ADDRESS SECONDS   a new mTLS connection every 100 ms; prints counts; fails when one fails
//	client peer                   serves and calls over every transport as JSON lines on standard input ask (peer.go)
//	client verdict                judges a chain or token per JSON line on standard input (verdict.go)
package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/spiffe/go-spiffe/v2/spiffetls/tlsconfig"
	"github.com/spiffe/go-spiffe/v2/svid/jwtsvid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Minute)
	defer cancel()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "watch":
		rotations, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return watch(ctx, rotations)
	case len(args) == 2 && args[0] == "jwt":
		svid, err := workloadapi.FetchJWTSVID(ctx, jwtsvid.Params{Audience: args[1]})
		if err != nil {
			return err
		}
		fmt.Println(svid.Marshal())
		return nil
	case len(args) == 3 && args[0] == "validate":
		bundles, err := workloadapi.FetchJWTBundles(ctx)
		if err != nil {
			return err
		}
		svid, err := jwtsvid.ParseAndValidate(args[2], bundles, []string{args[1]})
		if err != nil {
			return err
		}
		fmt.Println(svid.ID)
		return nil
	case len(args) == 2 && args[0] == "serve":
		return serve(ctx, args[1])
	case len(args) == 3 && args[0] == "ping":
		seconds, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		return ping(ctx, args[1], time.Duration(seconds)*time.Second)
	case len(args) == 1 && args[0] == "peer":
		return peer(ctx)
	case len(args) == 1 && args[0] == "verdict":
		return verdicts()
	default:
		return fmt.Errorf("usage: client watch|jwt|validate|serve|ping|peer|verdict ...")
	}
}

func watch(ctx context.Context, rotations int) error {
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	serial, seen := "", -1
	for seen < rotations {
		svid, err := source.GetX509SVID()
		if err != nil {
			return err
		}
		leaf := svid.Certificates[0]
		if now := time.Now(); now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
			return fmt.Errorf("gap: holding serial %s, valid %s to %s", leaf.SerialNumber, leaf.NotBefore, leaf.NotAfter)
		}
		if s := leaf.SerialNumber.String(); s != serial {
			serial = s
			seen++
			fmt.Println("svid", svid.ID, serial, leaf.NotAfter.Unix())
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil
}

func serve(ctx context.Context, address string) error {
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	config := tlsconfig.MTLSServerConfig(source, source, tlsconfig.AuthorizeMemberOf(must(source.GetX509SVID()).ID.TrustDomain()))
	listener, err := tls.Listen("tcp", address, config)
	if err != nil {
		return err
	}
	fmt.Println("ready", listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		listener.Close()
	}()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return nil
		}
		go echo(conn)
	}
}

func echo(conn net.Conn) {
	defer conn.Close()
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err == nil {
		_, _ = io.WriteString(conn, line)
	}
}

func ping(ctx context.Context, address string, duration time.Duration) error {
	source, err := workloadapi.NewX509Source(ctx)
	if err != nil {
		return err
	}
	defer source.Close()
	config := tlsconfig.MTLSClientConfig(source, source, tlsconfig.AuthorizeMemberOf(must(source.GetX509SVID()).ID.TrustDomain()))
	ok, failed := 0, 0
	serials := map[string]bool{}
	for end := time.Now().Add(duration); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if err := pingOnce(address, config, serials); err != nil {
			failed++
			fmt.Fprintln(os.Stderr, time.Now().Format(time.RFC3339), err)
			continue
		}
		ok++
	}
	fmt.Printf("pings ok=%d failed=%d server_serials=%d\n", ok, failed, len(serials))
	if failed > 0 || ok == 0 {
		return fmt.Errorf("%d of %d pings failed", failed, ok+failed)
	}
	return nil
}

func pingOnce(address string, config *tls.Config, serials map[string]bool) error {
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second}, "tcp", address, config)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.WriteString(conn, "ping\n"); err != nil {
		return err
	}
	line, err := bufio.NewReader(conn).ReadString('\n')
	if err != nil {
		return err
	}
	if line != "ping\n" {
		return fmt.Errorf("got %q", line)
	}
	serials[conn.ConnectionState().PeerCertificates[0].SerialNumber.String()] = true
	return nil
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}
