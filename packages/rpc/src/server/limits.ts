// SPDX-License-Identifier: Apache-2.0
import type { ServerOptions } from "@grpc/grpc-js";

/** Limits of an RpcServer, each with a default; Infinity switches a time off. */
export interface RpcServerLimits {
  /** Open calls of one connection. Default 100. */
  readonly maxConcurrentStreams?: number | undefined;
  /** Largest request message. Default 4 MiB. */
  readonly maxReceiveBytes?: number | undefined;
  /** Age at which a client is told to go to a new connection, ± 10 %. What is still open is ended a fifth later. Default 1 h. */
  readonly maxConnectionAgeMs?: number | undefined;
  /** How long a connection may be without a call. Default 5 min. */
  readonly maxConnectionIdleMs?: number | undefined;
  /** How long a client may take to begin to speak HTTP/2. Default 10 s. */
  readonly maxStartMs?: number | undefined;
  /** How long a peer that reads nothing may keep a call open that has ended here; then it loses the connection. Default 5 s. */
  readonly maxEndMs?: number | undefined;
  /** How long a connection may be silent before it is probed. Default 60 s; nothing is gained by it on Unix sockets. */
  readonly keepaliveMs?: number | undefined;
  /** How long a probe may stay without answer. Default 20 s. */
  readonly keepaliveTimeoutMs?: number | undefined;
}

const hourMs = 3_600_000;
/** Timers of the runtime cannot be longer. */
const maxTimerMs = 2 ** 31 - 1;

/** Age at which an old connection is closed together with what is still open on it; undefined = never. */
export function connectionAgeMs({ maxConnectionAgeMs = hourMs }: RpcServerLimits): number | undefined {
  const age = maxConnectionAgeMs * 1.2;
  return age < maxTimerMs ? age : undefined;
}

/** The options of the library for these limits. */
export function serverOptions(limits: RpcServerLimits): ServerOptions {
  const times: [string, number][] = [
    ["grpc.max_connection_age_ms", limits.maxConnectionAgeMs ?? hourMs],
    ["grpc.max_connection_idle_ms", limits.maxConnectionIdleMs ?? 300_000],
    ["grpc.keepalive_time_ms", limits.keepaliveMs ?? 60_000],
    ["grpc.keepalive_timeout_ms", limits.keepaliveTimeoutMs ?? 20_000],
  ];
  return {
    "grpc.enable_channelz": 0,
    "grpc.max_concurrent_streams": limits.maxConcurrentStreams ?? 100,
    "grpc.max_receive_message_length": limits.maxReceiveBytes ?? 4 * 1024 * 1024,
    "grpc.max_send_message_length": -1,
    ...Object.fromEntries(times.filter(([, value]) => value < maxTimerMs)),
  };
}
