// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer, type SecureVersion, type TLSSocket } from "node:tls";
import { toPem } from "@mayfly/x509";
import type { TestIdentity } from "@mayfly/testkit";
import type { Transport } from "./transport.ts";

/** Plain node:tls with a certificate and no scruples. */
interface RogueOptions {
  readonly identity?: TestIdentity | undefined;
  readonly version: SecureVersion;
  readonly transport: Transport;
}

/** What a rogue's connections came to. The one who refuses may cut the handshake before its last flight. */
export interface Rogue {
  /** Application octets that it got. */
  received: number;
}

/** A server with no scruples, and what came of it. */
export interface RogueServer extends Rogue {
  /** Finished handshakes, and those of them that resumed a session. */
  handshakes: number;
  resumed: number;
  readonly port: number;
  /** Resolves when a connection was made and all of them are over. */
  abandoned(): Promise<void>;
  close(): void;
}

/** A client that sends its request with the end of its handshake, whoever the server is. Resolves when the connection is over. */
export async function rogueClient(port: number, { identity, version, transport }: RogueOptions): Promise<Rogue> {
  const rogue = { received: 0 };
  const socket = connect({ host: "127.0.0.1", port, ...material(identity, version, transport) });
  socket.on("error", () => undefined);
  socket.on("data", (data: Buffer) => (rogue.received += data.length));
  socket.write(transport.request);
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return rogue;
}

/** A server that answers at once, unasked. */
export async function rogueServer(options: RogueOptions): Promise<RogueServer> {
  const { identity, version, transport } = options;
  const open = new Set<TLSSocket>();
  let abandon: () => void = () => undefined;
  const abandoned = new Promise<void>((resolve) => (abandon = resolve));
  const server = createServer({ ...material(identity, version, transport), requestCert: true });
  const rogue = {
    received: 0,
    handshakes: 0,
    resumed: 0,
    port: 0,
    abandoned: () => abandoned,
    close() {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
  server.on("tlsClientError", () => undefined);
  server.on("connection", (socket: Socket) => {
    socket.on("close", () => server.getConnections((_error, count) => count === 0 && abandon()));
  });
  server.on("secureConnection", (socket) => {
    rogue.handshakes++;
    if (socket.isSessionReused()) rogue.resumed++;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    socket.on("data", (data: Buffer) => (rogue.received += data.length));
    socket.write(transport.answer);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  rogue.port = (server.address() as AddressInfo).port;
  return rogue;
}

function material(identity: TestIdentity | undefined, version: SecureVersion, { alpn }: Transport): object {
  return {
    ...(identity && {
      cert: identity.chain.map((der) => toPem("CERTIFICATE", der)).join(""),
      key: identity.privateKey.export({ format: "pem", type: "pkcs8" }),
    }),
    minVersion: version,
    maxVersion: version,
    // Short keys and SHA-1 are for us to refuse.
    ciphers: "DEFAULT@SECLEVEL=0",
    rejectUnauthorized: false,
    ...(alpn && { ALPNProtocols: [...alpn] }),
  };
}
