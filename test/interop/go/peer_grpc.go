// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"sync/atomic"

	"github.com/spiffe/go-spiffe/v2/spiffegrpc/grpccredentials"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	health "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	grpcpeer "google.golang.org/grpc/peer"
)

// seenKey is the header in which a server says whom it saw.
const seenKey = "seen"

// healthServer is the standard health service; it answers and says in a header who asked.
type healthServer struct {
	health.UnimplementedHealthServer
}

func seenBy(ctx context.Context) (metadata.MD, error) {
	from, ok := grpcpeer.FromContext(ctx)
	if !ok {
		return nil, fmt.Errorf("a call without a peer")
	}
	id, err := idOf(from)
	return metadata.Pairs(seenKey, id), err
}

// idOf works with the credentials of go-spiffe and with those of grpc over a configuration of go-spiffe.
func idOf(from *grpcpeer.Peer) (string, error) {
	if id, ok := grpccredentials.PeerIDFromPeer(from); ok {
		return id.String(), nil
	}
	info, ok := from.AuthInfo.(credentials.TLSInfo)
	if !ok {
		return "", fmt.Errorf("a call without a verified peer")
	}
	id, _, err := peerOf(info.State.PeerCertificates)
	return id, err
}

func (healthServer) Check(ctx context.Context, _ *health.HealthCheckRequest) (*health.HealthCheckResponse, error) {
	header, err := seenBy(ctx)
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, header); err != nil {
		return nil, err
	}
	return &health.HealthCheckResponse{Status: health.HealthCheckResponse_SERVING}, nil
}

func (healthServer) Watch(_ *health.HealthCheckRequest, stream grpc.ServerStreamingServer[health.HealthCheckResponse]) error {
	if err := stream.Send(&health.HealthCheckResponse{Status: health.HealthCheckResponse_SERVING}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return stream.Context().Err()
}

// reportingCredentials tells of refused handshakes, which grpc only logs.
type reportingCredentials struct {
	credentials.TransportCredentials
	report func(event)
}

func (r reportingCredentials) ServerHandshake(raw net.Conn) (net.Conn, credentials.AuthInfo, error) {
	conn, info, err := r.TransportCredentials.ServerHandshake(raw)
	if err != nil {
		r.report(event{Event: "refused", Error: err.Error()})
	}
	return conn, info, err
}

func serveGRPC(listener net.Listener, e endpoint, report func(event)) error {
	mtls := credentials.NewTLS(e.server(report))
	server := grpc.NewServer(grpc.Creds(reportingCredentials{mtls, report}))
	health.RegisterHealthServer(server, healthServer{})
	return server.Serve(listener)
}

func openGRPC(address string, e endpoint, dial func(context.Context) (net.Conn, error)) (client, error) {
	var serial atomic.Value
	serial.Store("")
	authorize := func(id spiffeid.ID, chains [][]*x509.Certificate) error {
		serial.Store(chains[0][0].SerialNumber.String())
		return e.authorize(id, chains)
	}
	mtls := grpccredentials.MTLSClientCredentials(e.svid, e.bundles, authorize)
	if e.sessions != nil {
		mtls = credentials.NewTLS(e.client())
	}
	conn, err := grpc.NewClient("passthrough:///"+address,
		grpc.WithTransportCredentials(mtls),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return dial(ctx) }),
	)
	if err != nil {
		return client{}, err
	}
	checks := health.NewHealthClient(conn)
	request := func(ctx context.Context) (reply, error) {
		var header metadata.MD
		var from grpcpeer.Peer
		if _, err := checks.Check(ctx, &health.HealthCheckRequest{}, grpc.Header(&header), grpc.Peer(&from)); err != nil {
			return reply{}, err
		}
		id, err := idOf(&from)
		if err != nil || len(header.Get(seenKey)) != 1 {
			return reply{}, fmt.Errorf("no verified server, or it does not say whom it saw")
		}
		return reply{peer: id, seen: header.Get(seenKey)[0], serial: serial.Load().(string)}, nil
	}
	hold := func(ctx context.Context) error {
		stream, err := checks.Watch(ctx, &health.HealthCheckRequest{})
		for err == nil {
			_, err = stream.Recv()
		}
		return err
	}
	return client{request: request, hold: hold, close: func() { _ = conn.Close() }}, nil
}
