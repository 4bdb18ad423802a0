// SPDX-License-Identifier: Apache-2.0
import { grpcTransport } from "./grpc-transport.ts";
import { http2Transport } from "./http2-transport.ts";
import { httpsTransport } from "./https-transport.ts";
import { tlsTransport } from "./tls-transport.ts";
import type { Transport } from "./transport.ts";
import { fetchTransport, undiciHttp2Transport, undiciTransport } from "./undici-transport.ts";

/** All that the library offers. */
export const transports: readonly Transport[] = [
  tlsTransport,
  httpsTransport,
  http2Transport,
  undiciTransport,
  undiciHttp2Transport,
  fetchTransport,
  grpcTransport,
];
