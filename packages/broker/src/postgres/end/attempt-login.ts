// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { ByteReader } from "../../relay/byte-reader.ts";
import { hmac, scramKeys, sha256 } from "../scram-keys.ts";
import type { Secret } from "../secret.ts";
import type { PostgresTargetConfig } from "../target-config.ts";

const timeoutMs = 5_000;
const maxMessageBytes = 16_384;
const [sasl, saslContinue] = [10, 11];

interface Message {
  readonly type: string;
  readonly body: Buffer;
}

/**
 * One login by SCRAM-SHA-256 (PostgreSQL, Frontend/Backend Protocol §55.3; RFC 5802), up to the verdict: "" for a session, else the SQLSTATE
 * of the refusal. A driver would derive the keys anew each time; many ends at once have no time for that.
 * @throws when there is no verdict: no connection, or another way to authenticate
 */
export async function attemptLogin(config: PostgresTargetConfig, user: string, secret: Secret): Promise<string> {
  const stream = await openStream(config.admin);
  try {
    const reader = new ByteReader(stream, timeoutMs);
    stream.write(startup({ user, database: config.database, application_name: "mayfly-broker-trial" }));
    const nonce = randomBytes(18).toString("base64");
    for (;;) {
      const { type, body } = await readMessage(reader);
      if (type === "E") return sqlStateOf(body);
      if (type === "Z") return "";
      if (type !== "R") continue;
      const kind = body.readInt32BE();
      if (kind === sasl) stream.write(initialResponse(nonce));
      else if (kind === saslContinue) stream.write(await response(nonce, body.subarray(4).toString(), secret));
      else if (kind !== 0 && kind !== 12) throw new Error("the database asks for another authentication than SCRAM");
    }
  } finally {
    stream.destroy();
  }
}

async function openStream({ host, port, tls }: PostgresTargetConfig["admin"]): Promise<Duplex> {
  const socket = host.startsWith("/") ? connect(`${host}/.s.PGSQL.${port}`) : connect({ host, port });
  socket.setTimeout(timeoutMs, () => socket.destroy(new Error("the database does not answer")));
  await once(socket, "connect");
  socket.on("error", () => undefined);
  if (tls === undefined) return socket;
  const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
  socket.write(sslRequest);
  if ((await new ByteReader(socket, timeoutMs).bytes(1)).toString() !== "S")
    throw new Error("the database does not speak TLS");
  const secure = connectTls({ ...(isIP(host) === 0 ? { servername: host } : {}), ...tls, socket });
  await once(secure, "secureConnect");
  return secure.on("error", () => undefined);
}

async function readMessage(reader: ByteReader): Promise<Message> {
  const head = await reader.bytes(5);
  const length = head.readUInt32BE(1) - 4;
  if (length < 0 || length > maxMessageBytes) throw new Error("no message of PostgreSQL's protocol");
  return { type: String.fromCharCode(head[0] ?? 0), body: length === 0 ? Buffer.alloc(0) : await reader.bytes(length) };
}

function startup(parameters: Readonly<Record<string, string>>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join("\0")}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}

function answer(body: Buffer): Buffer {
  const head = Buffer.from("p\0\0\0\0", "latin1");
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function initialResponse(nonce: string): Buffer {
  const first = Buffer.from(`n,,n=,r=${nonce}`);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(first.length);
  return answer(Buffer.concat([Buffer.from("SCRAM-SHA-256\0"), length, first]));
}

async function response(nonce: string, serverFirst: string, secret: Secret): Promise<Buffer> {
  const [, serverNonce = "", salt = "", count = ""] = /^r=([^,]+),s=([^,]+),i=(\d{1,6})$/.exec(serverFirst) ?? [];
  if (!serverNonce.startsWith(nonce)) throw new Error("the database answers another exchange");
  const { clientKey } = await scramKeys(secret, Buffer.from(salt, "base64"), Number(count));
  const withoutProof = `c=biws,r=${serverNonce}`;
  const signature = hmac(sha256(clientKey), `n=,r=${nonce},${serverFirst},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
  return answer(Buffer.from(`${withoutProof},p=${proof.toString("base64")}`));
}

function sqlStateOf(body: Buffer): string {
  const field = body
    .toString("utf8")
    .split("\0")
    .find((text) => text.startsWith("C"));
  return field?.slice(1) ?? "XX000";
}
