// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";
import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { CallCredentials, ChannelCredentials, type ChannelOptions } from "@grpc/grpc-js";
import { peerChain } from "../peer-chain.ts";

/** How a client speaks TLS. Read anew for each handshake: getters may give rotating material. */
export interface ClientTls {
  /** The client's certificate; undefined = none is shown. */
  readonly identity?: { readonly chain: readonly Uint8Array[]; readonly privateKey: KeyObject } | undefined;
  /** A context that has the identity in it already, in place of `identity`; it sets TLS 1.2 or later itself. */
  readonly secureContext?: SecureContext | undefined;
  /**
   * Checks the server's chain (DER, leaf first) inside the handshake, before any byte of a request leaves; throws to refuse. It is
   * the only check: OpenSSL's verdict is not an input.
   */
  verify(chain: readonly Uint8Array[], socket: TLSSocket): void;
  /** Name for the server name indication; default: the host of the target unless it is an IP address or a path. */
  readonly serverName?: string | undefined;
  /** How long the handshake may take. Default 10 s. */
  readonly handshakeTimeoutMs?: number | undefined;
}

type SecureConnector = ReturnType<ChannelCredentials["_createSecureConnector"]>;
type Target = Parameters<ChannelCredentials["_createSecureConnector"]>[0];
type SecureConnection = Awaited<ReturnType<SecureConnector["connect"]>>;

/** The kernel notices a peer that is gone without costing us a wake-up. */
const tcpKeepaliveMs = 30_000;

/** Channel credentials that verify the peer themselves (`ClientTls.verify`): TLS 1.2 or later, HTTP/2 by ALPN, no resumption. */
export class TlsCredentials extends ChannelCredentials {
  readonly #tls: ClientTls;
  #lastError: Error | undefined;

  constructor(tls: ClientTls) {
    super();
    this.#tls = tls;
  }

  /** Why the last handshake failed; undefined after a good one. */
  get lastError(): Error | undefined {
    return this.#lastError;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(target: Target, options: ChannelOptions, call?: CallCredentials): SecureConnector {
    const serverName = this.#tls.serverName ?? options["grpc.ssl_target_name_override"] ?? hostName(target);
    return {
      connect: (socket) => this.#connect(socket, serverName),
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => call ?? CallCredentials.createEmpty(),
      destroy: () => undefined,
    };
  }

  async #connect(socket: Socket, serverName: string | undefined): Promise<SecureConnection> {
    try {
      socket.setKeepAlive(true, tcpKeepaliveMs);
      const secured = await this.#handshake(socket, serverName);
      this.#lastError = undefined;
      return { socket: secured, secure: true };
    } catch (error) {
      this.#lastError = error instanceof Error ? error : new Error(String(error));
      throw this.#lastError;
    }
  }

  #handshake(socket: Socket, serverName: string | undefined): Promise<TLSSocket> {
    const secured = this.#start(socket, serverName);
    return new Promise((resolve, reject) => {
      const refuse = (error: unknown): void => {
        clearTimeout(late);
        secured.destroy();
        reject(error);
      };
      const { handshakeTimeoutMs = 10_000 } = this.#tls;
      const late = setTimeout(() => refuse(new Error("the TLS handshake takes too long")), handshakeTimeoutMs);
      secured.on("error", refuse);
      secured.once("close", () => refuse(new Error("the connection was closed during the TLS handshake")));
      secured.once("secureConnect", () => {
        try {
          this.#check(secured);
          clearTimeout(late);
          resolve(secured);
        } catch (error) {
          refuse(error);
        }
      });
    });
  }

  #start(socket: Socket, serverName: string | undefined): TLSSocket {
    return connect({
      socket,
      ALPNProtocols: ["h2"],
      ...(serverName === undefined ? {} : { servername: serverName }),
      secureContext: this.#tls.secureContext ?? contextOf(this.#tls.identity),
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
    });
  }

  #check(secured: TLSSocket): void {
    if (secured.isSessionReused()) throw new Error("a resumed TLS session is not acceptable");
    this.#tls.verify(peerChain(secured), secured);
    if (secured.alpnProtocol !== "h2") throw new Error("the server does not speak HTTP/2");
  }
}

/** The name of a DNS target `host:port`; undefined for an IP address and for what is no host, such as a socket's path. */
function hostName({ scheme = "dns", path }: Target): string | undefined {
  if (scheme !== "dns") return undefined;
  const host = /^([a-z0-9._-]{1,253})(?::\d+)?$/i.exec(path)?.[1];
  return host === undefined || isIP(host) !== 0 ? undefined : host;
}

function contextOf(identity: ClientTls["identity"]): SecureContext {
  return createSecureContext({
    minVersion: "TLSv1.2",
    // Not the runtime's list of roots: no verdict is asked for.
    ca: [],
    ...(identity === undefined
      ? {}
      : {
          cert: identity.chain.map(toPem).join(""),
          key: identity.privateKey.export({ type: "pkcs8", format: "pem" }),
        }),
  });
}

function toPem(der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`;
}
