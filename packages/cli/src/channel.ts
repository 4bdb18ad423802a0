// SPDX-License-Identifier: Apache-2.0
import {
  agentService,
  bundleService,
  type ClientTls,
  entryService,
  healthService,
  localAuthorityService,
  mayflyAdminService,
  mayflyApprovalsService,
  mayflyAccountsService,
  mayflyLeasesService,
  mayflyProfilesService,
  mayflyRecordsService,
  mayflyTaskBindingService,
  mayflyTasksService,
  mayflyWorkloadService,
  RpcChannel,
  type ServerStream,
  type ServiceDescription,
  type SpiffeIdMessage,
  svidService,
  type Unary,
  WORKLOAD_HEADER,
} from "@mayfly/rpc";
import { parseEndpointAddress } from "@mayfly/spiffe";
import type { Connection, ResponseOf, ServerConnection, Services, StreamedBy } from "./connection.ts";
import { CliFailure, usageFailure } from "./failure.ts";
import { defaultSockets, isForeign } from "./locations.ts";
import { callFailure, type Responder } from "./status.ts";

const callTimeoutMs = 30_000;

const services: { readonly [S in keyof Services]: ServiceDescription<Services[S]> } = {
  agent: agentService,
  entry: entryService,
  bundle: bundleService,
  svid: svidService,
  localAuthority: localAuthorityService,
  health: healthService,
  admin: mayflyAdminService,
  introspection: mayflyWorkloadService,
  taskBinding: mayflyTaskBindingService,
  tasks: mayflyTasksService,
  approvals: mayflyApprovalsService,
  profiles: mayflyProfilesService,
  leases: mayflyLeasesService,
  accounts: mayflyAccountsService,
  records: mayflyRecordsService,
};

/** Where a command talks to. */
export interface Target {
  readonly who: Responder;
  /** For RpcChannel. */
  readonly address: string;
  /** A socket's path, or host:port. */
  readonly place: string;
}

/** Refuses a default socket in a directory that another user made. @throws {CliFailure} SOCKET_UNSAFE */
function assertOwn(path: string): void {
  const { runtime, server, workload } = defaultSockets();
  if ((path !== server && path !== workload) || !isForeign(runtime, process.geteuid?.() ?? 0)) return;
  throw new CliFailure("SOCKET_UNSAFE", `${runtime} belongs to another user`, {
    hint: "remove it, or set XDG_RUNTIME_DIR, or name the socket",
  });
}

/** The target of `/path`, `unix:///path` or `tcp://1.2.3.4:5`; empty = the default. @throws {CliFailure} USAGE */
export function targetOf(who: Responder, text: string): Target {
  if (text === "") return targetOf(who, defaultSockets()[who === "server" ? "server" : "workload"]);
  if (text.startsWith("/")) {
    assertOwn(text);
    return { who, address: `unix://${text}`, place: text };
  }
  try {
    const parsed = parseEndpointAddress(text);
    if (parsed.transport === "unix") return { who, address: `unix://${parsed.path}`, place: parsed.path };
    const host = parsed.host.includes(":") ? `[${parsed.host}]` : parsed.host;
    return { who, address: `${host}:${parsed.port}`, place: `${host}:${parsed.port}` };
  } catch (error) {
    const problem = error instanceof Error ? error.message : "malformed";
    throw usageFailure(`${JSON.stringify(text)} names no socket: ${problem}`, "write /path or unix:///path");
  }
}

/** A channel whose failures say who did not do what was asked. */
export class RpcConnection implements ServerConnection {
  readonly #target: Target;
  readonly #channel: RpcChannel;
  readonly #signal: AbortSignal;

  /** Without `tls`: plain text, for sockets of this machine. */
  constructor(target: Target, signal: AbortSignal, tls?: ClientTls) {
    this.#target = target;
    this.#signal = signal;
    const metadata = target.who === "agent" ? { [WORKLOAD_HEADER]: "true" } : {};
    this.#channel = RpcChannel.open({ address: target.address, metadata, tls });
  }

  async call<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: object,
    options: { readonly timeoutMs?: number | undefined } = {},
  ): Promise<ResponseOf<Services[S][M]>> {
    type Response = ResponseOf<Services[S][M]>;
    const unary = services[service].methods[method] as Unary<object, Response>;
    const timeoutMs = options.timeoutMs ?? callTimeoutMs;
    try {
      return await this.#channel.unary(unary, request, { timeoutMs, signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw await callFailure(error, this.#target.who, this.#target.place);
    }
  }

  async *stream<S extends keyof Services, M extends keyof Services[S] & string>(
    service: S,
    method: M,
    request: object,
  ): AsyncGenerator<StreamedBy<Services[S][M]>, void, undefined> {
    const streaming = services[service].methods[method] as ServerStream<object, StreamedBy<Services[S][M]>>;
    try {
      yield* this.#channel.serverStream(streaming, request, { signal: this.#signal });
    } catch (error) {
      this.#signal.throwIfAborted();
      throw await callFailure(error, this.#target.who, this.#target.place);
    }
  }

  async serverId(): Promise<SpiffeIdMessage> {
    const bundle = await this.call("bundle", "GetBundle", { output_mask: {} });
    return { trust_domain: bundle.trust_domain, path: "/spire/server" };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#channel.close();
    return Promise.resolve();
  }
}

/** Opens a server's admin socket; nothing is sent before the first call. */
export function openServer(address: string, signal: AbortSignal): ServerConnection {
  return new RpcConnection(targetOf("server", address), signal);
}

/** Opens an agent's socket for introspection and health. */
export function openWorkload(address: string, signal: AbortSignal): Connection {
  return new RpcConnection(targetOf("agent", address), signal);
}
