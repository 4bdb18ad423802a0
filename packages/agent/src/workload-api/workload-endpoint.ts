// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { AttestationError, openPeerProcess, type PeerProcess } from "@mayfly/attestation";
import { type CallContext, RpcServer, type ServedService, type StatusError } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import { describeError } from "../standing.ts";
import { unavailable } from "./refusal.ts";
import { RefusalRecord } from "./refusal-record.ts";
import { assertSecurityHeader } from "./security-header.ts";
import { WorkloadSocket } from "./workload-socket.ts";

/** Grace for unary calls at the end, ms. */
const graceMs = 1000;
/** What the endpoint serves and how. */
export interface WorkloadEndpointOptions {
  readonly services: readonly ServedService<PeerProcess>[];
  readonly log: Logger;
  /** Open connections of one user: one who opens more would take descriptors that others need. Default 4096. */
  readonly maxConnectionsPerUid?: number | undefined;
}

/** The socket and the gRPC server behind it: pins the process of each connection as soon as it is accepted. */
export class WorkloadEndpoint implements AsyncDisposable {
  readonly #server: RpcServer<PeerProcess>;
  readonly #log: Logger;
  #socket: WorkloadSocket | undefined;
  readonly #maxPerUid: number;
  readonly #byUid = new Map<number, number>();
  #connections = 0;

  constructor({ services, log, maxConnectionsPerUid = 4096 }: WorkloadEndpointOptions) {
    this.#log = log;
    this.#maxPerUid = maxConnectionsPerUid;
    const record = new RefusalRecord(log);
    this.#server = new RpcServer<PeerProcess>({
      services,
      reflection: true,
      admit: (context) => record.check(context, () => assertSecurityHeader(context)),
      limits: { maxConnectionAgeMs: Infinity, keepaliveMs: Infinity },
      onError: (context, error) => this.#toStatus(context, error),
      onConnectionEnd: ({ peer }) => {
        this.#count(peer.uid, -1);
        peer[Symbol.dispose]();
      },
    });
  }

  /** Open connections. */
  get connections(): number {
    return this.#connections;
  }

  /** Resolves when the socket listens. @throws {AgentError} SOCKET_PATH_UNSAFE */
  async listen(path: string): Promise<void> {
    this.#socket = await WorkloadSocket.open({ path, log: this.#log, onConnection: (socket) => this.#accept(socket) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket?.[Symbol.asyncDispose]();
    await this.#server.close(graceMs);
  }

  #accept(socket: Socket): void {
    socket.on("error", () => undefined);
    let peer: PeerProcess;
    try {
      peer = openPeerProcess(descriptorOf(socket));
    } catch (error) {
      const expected = error instanceof AttestationError && error.code === "PEER_GONE";
      this.#log[expected ? "debug" : "warn"]("connection_refused", { error: describeError(error) });
      socket.destroy();
      return;
    }
    if ((this.#byUid.get(peer.uid) ?? 0) >= this.#maxPerUid) {
      this.#log.warn("connection_refused", { uid: peer.uid, limit: this.#maxPerUid });
      peer[Symbol.dispose]();
      socket.destroy();
      return;
    }
    this.#count(peer.uid, 1);
    this.#server.accept(socket, peer);
  }

  #count(uid: number, change: 1 | -1): void {
    this.#connections += change;
    const left = (this.#byUid.get(uid) ?? 0) + change;
    if (left === 0) this.#byUid.delete(uid);
    else this.#byUid.set(uid, left);
  }

  #toStatus({ path }: CallContext<PeerProcess>, error: unknown): StatusError {
    this.#log.error("call_failed", { path, error });
    return unavailable("CALLER_NOT_ATTESTED", "the agent failed to answer");
  }
}

/** Node does not publish the descriptor of a socket; it is needed once, for the socket options. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as Socket & { readonly _handle?: { readonly fd?: number } };
  return handle?.fd ?? -1;
}
