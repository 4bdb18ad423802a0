// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createServer, type SecureContextOptions, type Server, type TLSSocket } from "node:tls";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { Connection, PeerIdentity } from "./connection.ts";
import type { Connections } from "./connections.ts";
import { peerChain } from "./peer-chain.ts";

/** Grace after the end of the client's certificate, in which calls still get an answer that says why. */
const expiredGraceMs = 10_000;

/** What the listener asks of its surroundings. */
export interface TlsListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Certificate chain, key and roots to present now. */
  readonly material: SecureContextOptions;
  /** Checks a client's chain. @throws when it is not acceptable */
  verify(chain: readonly Uint8Array[]): PeerIdentity;
  /** Hands over a connection whose handshake is done and whose peer is verified. */
  accept(socket: TLSSocket): void;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The TLS port: client certificates are asked for, never required, and verified by us before a byte of HTTP/2 is read. */
export class TlsListener {
  readonly #options: TlsListenerOptions;
  readonly #server: Server;

  private constructor(options: TlsListenerOptions) {
    this.#options = options;
    this.#server = createServer({
      ...options.material,
      requestCert: true,
      // Ours is the only verdict: OpenSSL would accept an own ID signed by a federated authority.
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
      minVersion: "TLSv1.2",
      // A resumed session would skip the verification.
      secureOptions: constants.SSL_OP_NO_TICKET,
      sessionTimeout: 1,
      handshakeTimeout: 10_000,
    });
    this.#server.on("secureConnection", (socket) => this.#onConnection(socket));
    this.#server.on("tlsClientError", (error) => options.logger.debug("tls_handshake_failed", { error: error.message }));
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
    return listener;
  }

  get address(): AddressInfo {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new TypeError("the listener is not on TCP");
    return address;
  }

  /** Presents other material in new handshakes; open connections stay. */
  update(material: SecureContextOptions): void {
    this.#server.setSecureContext({ ...material, secureOptions: constants.SSL_OP_NO_TICKET, minVersion: "TLSv1.2" });
  }

  async close(): Promise<void> {
    this.#options.connections.destroyAll();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }

  #onConnection(socket: TLSSocket): void {
    socket.on("error", () => undefined);
    const connection = this.#identify(socket);
    if (connection === undefined) {
      socket.destroy();
      return;
    }
    this.#options.connections.add(`${String(socket.remoteAddress)}:${String(socket.remotePort)}`, socket, connection);
    this.#endWithCertificate(socket, connection);
    this.#options.accept(socket);
  }

  #identify(socket: TLSSocket): Connection | undefined {
    const { verify, logger } = this.#options;
    const address = socket.remoteAddress;
    if (address === undefined || socket.alpnProtocol !== "h2") return undefined;
    const chain = peerChain(socket);
    if (chain.length === 0) return { kind: "tcp", address, identity: undefined };
    try {
      return { kind: "tcp", address, identity: verify(chain) };
    } catch (error) {
      const { code, message } = error as { code?: string; message?: string };
      logger.warn("client_certificate_refused", { address, code, error: message });
      return undefined;
    }
  }

  /** Calls are refused from the end of the certificate on; the socket itself goes a little later. */
  #endWithCertificate(socket: TLSSocket, { identity }: Connection): void {
    if (identity === undefined) return;
    const { clock } = this.#options;
    const end = identity.notAfter.getTime() + expiredGraceMs;
    // In small steps: a suspended machine must not keep a connection longer.
    const delay = (): number => Math.min(5000, Math.max(0, end - clock.now().getTime()));
    const check = (): void => {
      if (clock.now().getTime() >= end) socket.destroy();
      else timer = setTimeout(check, delay()).unref();
    };
    let timer = setTimeout(check, delay()).unref();
    socket.once("close", () => {
      clearTimeout(timer);
    });
  }
}
