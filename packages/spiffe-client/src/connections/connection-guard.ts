// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import type { VerifiedPeer, X509Svid } from "@mayfly/spiffe";
import type { ConnectionEnd, ConnectionEndReason } from "./connection-end.ts";
import { type Ending, judgeConnection } from "./judge-connection.ts";
import type { ConnectionOptions, PeerPolicy } from "./options.ts";
import { Slices } from "./slices.ts";
import { watchSource } from "./source-watch.ts";
import { tell } from "./tell.ts";

/** An open connection as its transport knows it. */
export interface GuardedConnection {
  readonly socket: TLSSocket;
  readonly peer: VerifiedPeer;
  /** The own one that was shown. Default: the source's of now. */
  readonly svid?: X509Svid | undefined;
  /** From now on nothing new; what is under way may finish. Called at most once. */
  drain(): void;
  /** Whether nothing is under way. */
  isIdle(): boolean;
}

/** Whose connections a guard watches over, and how they end. */
export interface ConnectionGuardOptions extends PeerPolicy, ConnectionOptions {
  /** The end of TLS that the peers are. */
  readonly role: "client" | "server";
}

interface Guarded {
  readonly connection: GuardedConnection;
  readonly svid: X509Svid;
  /** Of the handshake, ms. */
  readonly since: number;
  end: ConnectionEnd | undefined;
  closing: boolean;
}

const expiries: ReadonlySet<ConnectionEndReason> = new Set(["PEER_EXPIRED", "SVID_EXPIRED"]);
const graceMs = 1_000;

/**
 * Ends connections when what their verdict rests on ends (design decision 11): certificates expire, peers are revoked or distrusted, the
 * own identity is withdrawn. One for each server, agent or dispatcher.
 */
export class ConnectionGuard {
  readonly #options: ConnectionGuardOptions;
  readonly #drainMs: number;
  readonly #guarded = new Map<TLSSocket, Guarded>();
  #unwatch: (() => void) | undefined;
  readonly #verdicts = new Slices<Guarded>((guarded) => this.#rejudge(guarded));
  readonly #clocks = new Slices<Guarded>((guarded) => this.#checkClock(guarded, Date.now()));

  constructor(options: ConnectionGuardOptions) {
    this.#options = options;
    this.#drainMs = options.drainMs ?? 5_000;
    if (!(this.#drainMs >= 0)) throw new RangeError(`drainMs is a time in ms, not ${String(options.drainMs)}`);
  }

  /** How many connections are open. */
  get size(): number {
    return this.#guarded.size;
  }

  /** Watches over the connection until its socket is closed. One that is past its end already is destroyed at once. */
  add(connection: GuardedConnection): void {
    const { socket } = connection;
    const svid = connection.svid ?? this.#options.source.svid;
    const guarded: Guarded = { connection, svid, since: Date.now(), end: undefined, closing: false };
    this.#guarded.set(socket, guarded);
    this.#unwatch ??= watchSource(this.#options.source, {
      tick: () => this.#clocks.begin(this.#guarded.values()),
      changed: () => this.#verdicts.beginAnew(this.#guarded.values()),
    });
    socket.once("close", () => this.#forget(socket));
    if (socket.destroyed) this.#forget(socket);
    else this.#checkClock(guarded, guarded.since);
  }

  /**
   * Whether something new may be sent to, or taken from, the peer of this socket: it is watched over, was not told to end, and no end has
   * passed that no tick has seen yet.
   */
  isLive(socket: TLSSocket): boolean {
    const guarded = this.#guarded.get(socket);
    if (guarded === undefined || socket.destroyed) return false;
    if (guarded.end === undefined) this.#checkClock(guarded, Date.now());
    return guarded.end === undefined;
  }

  /** Whether a request that came all the same may be answered: as `isLive`, and while nothing but time ends the connection. */
  mayServe(socket: TLSSocket): boolean {
    if (this.#options.closeConnections === false || this.isLive(socket)) return true;
    const end = this.#guarded.get(socket)?.end;
    return end !== undefined && expiries.has(end.reason) && Date.now() < end.closesAt.getTime();
  }

  /** Why the connection comes to its end; undefined while it does not. */
  endOf(socket: TLSSocket): ConnectionEnd | undefined {
    return this.#guarded.get(socket)?.end;
  }

  /** To be called when nothing is under way any more: closes a connection that only waited for that. */
  idle(socket: TLSSocket): void {
    const guarded = this.#guarded.get(socket);
    if (guarded?.end !== undefined) this.#enforce(guarded, Date.now());
  }

  #forget(socket: TLSSocket): void {
    this.#guarded.delete(socket);
    if (this.#guarded.size > 0) return;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #checkClock(guarded: Guarded, now: number): void {
    const { reason, at } = expiry(guarded);
    // Both ends know the same end. A client turns away twice as long before it, so that no server has to refuse what it sent.
    const share = this.#options.role === "server" ? 2 : 1;
    const lead = share * Math.min(this.#drainMs, (at - guarded.since) / 10);
    if (guarded.end === undefined && now >= at - lead) this.#end(guarded, { reason }, at);
    else if (guarded.end !== undefined) this.#enforce(guarded, now);
  }

  #rejudge(guarded: Guarded): void {
    const { connection, svid } = guarded;
    if (!this.#guarded.has(connection.socket)) return;
    const ending = judgeConnection(connection.peer, svid, this.#options);
    if (ending === undefined) return;
    const closesAt = Math.min(Date.now() + Math.min(this.#drainMs, graceMs), expiry(guarded).at);
    // One that drains before its expiry is told again when something harder ends it earlier.
    if (guarded.end === undefined || closesAt < guarded.end.closesAt.getTime() - graceMs)
      this.#end(guarded, ending, closesAt);
  }

  #end(guarded: Guarded, ending: Ending, closesAt: number): void {
    const { connection } = guarded;
    const first = guarded.end === undefined;
    const end = { ...ending, peer: connection.peer, closesAt: new Date(closesAt) };
    guarded.end = end;
    tell(() => this.#options.onConnectionEnd?.(end, connection.socket));
    if (this.#options.closeConnections === false) return;
    if (first && Date.now() < closesAt) tell(() => connection.drain());
    this.#enforce(guarded, Date.now());
  }

  #enforce(guarded: Guarded, now: number): void {
    const { end, connection } = guarded;
    if (end === undefined || this.#options.closeConnections === false) return;
    if (now >= end.closesAt.getTime()) {
      connection.socket.destroy();
    } else if (!guarded.closing && connection.isIdle()) {
      guarded.closing = true;
      // What was answered last still leaves.
      connection.socket.destroySoon();
    }
  }
}

/** The end that is known at the handshake: RFC 5280 §4.1.2.5 counts the second of notAfter in. */
function expiry({ connection, svid }: Guarded): { reason: ConnectionEndReason; at: number } {
  const [peer, own] = [connection.peer.notAfter.getTime(), svid.notAfter.getTime()];
  return peer <= own ? { reason: "PEER_EXPIRED", at: peer + 1_000 } : { reason: "SVID_EXPIRED", at: own + 1_000 };
}
