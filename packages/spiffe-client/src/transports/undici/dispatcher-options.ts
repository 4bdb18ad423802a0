// SPDX-License-Identifier: Apache-2.0
import type { ConnectionOptions as NodeConnectionOptions } from "node:tls";
import type { Agent } from "undici";
import type { ConnectionOptions, PeerPolicy } from "../../connections/options.ts";
import type { OwnClientOption } from "../tls/open-verified.ts";

/** Policy, and the options of undici's `Agent` that the policy leaves open (connections, timeouts, allowH2 …). `pipelining` is always 1. */
export interface DispatcherOptions
  extends PeerPolicy,
    ConnectionOptions,
    Omit<Agent.Options, "connect" | "factory" | "maxCachedSessions" | "pipelining"> {
  /** Options of `tls.connect` that the policy leaves open (servername, lookup, family, highWaterMark …). */
  readonly connect?:
    | Omit<NodeConnectionOptions, OwnClientOption | "ALPNProtocols" | "path" | "socket" | "timeout">
    | undefined;
  /** For the whole of connecting. Default 10 s. */
  readonly timeoutMs?: number | undefined;
}
