// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import { peerChain, type PeerConnection } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { Connection, PeerIdentity } from "./connection.ts";

/** What the listener asks of its surroundings. */
export interface TlsListenerOptions {
  readonly host: string;
  /** 0 = one that is free. */
  readonly port: number;
  /** Certificate chain, key and roots to present now. */
  readonly material: SecureContextOptions;
  /** Checks a client's chain, DER, leaf first. @throws when it is not acceptable */
  readonly verify: (chain: readonly Uint8Array[]) => PeerIdentity;
  /** Takes over a connection whose handshake is done and whose peer is verified. */
  accept(socket: TLSSocket, connection: Connection): PeerConnection<Connection>;
  /** Told of each accepted connection. */
  opened(connection: PeerConnection<Connection>): void;
  readonly logger: Logger;
}

/** Handshakes and connections together. */
const maxConnections = 20_000;

const tlsRules: SecureContextOptions = {
  minVersion: "TLSv1.2",
  // A resumed session would skip the verification; a new handshake within a connection would put another certificate under its verdict.
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  sessionTimeout: 1,
};

/** The TLS port: client certificates are asked for, never required, and verified by us before a byte of HTTP/2 is read. */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #server: Server;

  private constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      ...options.material,
      ...tlsRules,
      requestCert: true,
      // Ours is the only verdict: OpenSSL would accept an own ID signed by a federated authority.
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
      handshakeTimeout: 10_000,
      noDelay: true,
    });
    this.#server.maxConnections = maxConnections;
    this.#server.on("secureConnection", (socket) => this.#onConnection(socket));
    this.#server.on("tlsClientError", (error, socket) => {
      // @NOTE node:tls leaves the socket of a handshake that took too long open.
      socket.destroy();
      options.logger.debug("tls_handshake_failed", { error: error.message });
    });
  }

  static async open(options: TlsListenerOptions): Promise<TlsListener> {
    const listener = new TlsListener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once("error", reject);
      listener.#server.listen(options.port, options.host, () => {
        listener.#server.removeListener("error", reject);
        resolve();
      });
    });
    listener.#server.on("error", (error) => options.logger.error("listener_error", { error: error.message }));
    return listener;
  }

  get address(): AddressInfo {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("the listener is not on TCP");
    return address;
  }

  /** Presents other material in new handshakes; open connections stay. */
  update(material: SecureContextOptions): void {
    this.#server.setSecureContext({ ...material, ...tlsRules });
  }

  /** Stops listening. Connections belong to whoever took them over. */
  close(): void {
    this.#server.close();
  }

  #onConnection(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const connection = this.#identify(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    this.#options.opened(this.#options.accept(socket, connection));
  }

  #identify(socket: TLSSocket): Connection | undefined {
    const { verify, logger } = this.#options;
    const address = socket.remoteAddress;
    if (address === undefined || socket.alpnProtocol !== "h2") return undefined;
    const chain = peerChain(socket);
    if (chain.length === 0) return { kind: "tcp", address, identity: undefined, chain };
    try {
      return { kind: "tcp", address, identity: verify(chain), chain };
    } catch (error) {
      const { code, message, claimedId } = error as { code?: string; message?: string; claimedId?: string };
      logger.warn("client_certificate_refused", { address, code, error: message, claimed_id: claimedId });
      return undefined;
    }
  }
}
