// SPDX-License-Identifier: Apache-2.0
import type { SecureContextOptions } from "node:tls";
import { ServerCredentials, type ServerInterceptor } from "@grpc/grpc-js";
import { SpiffeError, type VerifiedPeer, type X509Svid } from "@mayfly/spiffe";
import { verifiedPeer } from "../../connections/authorize-peer.ts";
import { tlsMaterial } from "../../connections/material.ts";
import type { PeerPolicy, ServerConnectionOptions } from "../../connections/options.ts";
import type { X509Source } from "../../sources/x509-source.ts";
import { guardHttpServer } from "../https/http-server-guard.ts";
import { PeerCall } from "./call-peer.ts";
import { ServerGate } from "./server-gate.ts";

/** What `serverCredentials` needs. */
export interface ServerCredentialsOptions extends PeerPolicy, ServerConnectionOptions {}

/**
 * Credentials for `bindAsync` of a grpc-js server. Each handshake shows the newest SVID, asks for the client's and judges it before
 * HTTP/2 begins: no handler, not even UNIMPLEMENTED, is for a stranger. `callPeer(call)` says in a handler who calls. Nothing is resumed.
 * A connection near its end gets GOAWAY; calls under way finish within the bound. Where there is no SVID yet, connections are dropped.
 */
export function serverCredentials(options: ServerCredentialsOptions): ServerCredentials {
  return new PeerServerCredentials(options);
}

type Watcher = Parameters<ServerCredentials["_addWatcher"]>[0];

class PeerServerCredentials extends ServerCredentials {
  readonly #source: X509Source;
  readonly #gate: ServerGate;
  #shown: X509Svid | undefined;
  #caller: VerifiedPeer | undefined;
  #following: AbortController | undefined;

  constructor(options: ServerCredentialsOptions) {
    const gate = new ServerGate((server) => {
      guardHttpServer(server, options);
      server.prependListener("stream", ({ session }) => {
        this.#caller = session === undefined ? undefined : verifiedPeer(session);
      });
    });
    super({
      requestCert: true,
      // Our verdict replaces OpenSSL's.
      rejectUnauthorized: false,
      handshakeTimeout: 10_000,
      ALPNCallback: gate.negotiate,
    });
    this.#gate = gate;
    this.#source = options.source;
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }

  /** The SVID of now; null = there is none yet, connections are dropped. */
  override _getSecureContextOptions(): SecureContextOptions | null {
    this.#shown = currentSvid(this.#source);
    return this.#shown === undefined ? null : tlsMaterial(this.#shown);
  }

  /** grpc-js asks these while it takes a call. */
  override _getInterceptors(): ServerInterceptor[] {
    return [(_method, call) => new PeerCall(call, this.#caller)];
  }

  override _addWatcher(watcher: Watcher): void {
    super._addWatcher(watcher);
    if (this.#following !== undefined) return;
    this.#gate.open();
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  override _removeWatcher(watcher: Watcher): void {
    super._removeWatcher(watcher);
    if (this.getWatcherCount() > 0) return;
    this.#gate.close();
    this.#following?.abort();
    this.#following = undefined;
  }

  /** Shows the newest SVID in new handshakes while a server listens. A withdrawn one stays in place: the client is refused after it. */
  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for await (const _update of this.#source.updates({ signal })) {
        const svid = currentSvid(this.#source);
        if (svid !== undefined && svid !== this.#shown)
          this.updateSecureContextOptions(this._getSecureContextOptions());
      }
    } catch {
      // What ended the source is what it says from now on, to every client that comes.
    }
  }
}

function currentSvid(source: X509Source): X509Svid | undefined {
  try {
    return source.svid;
  } catch (error) {
    if (error instanceof SpiffeError) return undefined;
    throw error;
  }
}
