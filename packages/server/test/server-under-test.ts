// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import {
  agentService,
  type EntryMessage,
  entryService,
  type PermissionDeniedReason,
  permissionDeniedReason,
  RpcChannel,
  type Sent,
  type SpiffeIdMessage,
  StatusError,
  svidService,
} from "@mayfly/rpc";
import { createLogger, type Logger } from "@mayfly/telemetry";
import { createRequest } from "@mayfly/x509";
import { parseServerConfig, type RunningServer, type ServerConfig, startServer } from "../src/index.ts";

export const trustDomain = "example.org";

/** A key pair with the certificates for it. */
export interface Identity {
  readonly id: SpiffeIdMessage;
  readonly chain: readonly Uint8Array[];
  readonly privateKey: KeyObject;
}

export function newKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

export function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: "spki", format: "der" });
}

export function idOf(path: string): SpiffeIdMessage {
  return { trust_domain: trustDomain, path };
}

async function* once<T>(message: T): AsyncGenerator<T> {
  yield message;
}

/** A real server on a free port with a folder of its own, and clients for it. Everything goes at the end. */
export class ServerUnderTest implements AsyncDisposable {
  readonly server: RunningServer;
  /** Lines of the log, parsed. */
  readonly log: readonly Record<string, unknown>[];
  readonly admin: RpcChannel;
  readonly #directory: string;
  readonly #channels: RpcChannel[] = [];

  private constructor(server: RunningServer, log: readonly Record<string, unknown>[], directory: string) {
    this.server = server;
    this.log = log;
    this.#directory = directory;
    this.admin = this.#open(`unix://${server.adminSocket}`);
  }

  static async start(values: Readonly<Record<string, unknown>> = {}): Promise<ServerUnderTest> {
    const directory = await mkdtemp(join(tmpdir(), "mayfly-server-"));
    const log: Record<string, unknown>[] = [];
    const server = await startServer(configIn(directory, values), { keys: "memory", logger: collect(log) });
    return new ServerUnderTest(server, log, directory);
  }

  anonymous(): RpcChannel {
    return this.#open(this.#tcp, { verify: () => undefined });
  }

  as({ chain, privateKey }: Identity): RpcChannel {
    return this.#open(this.#tcp, { verify: () => undefined, identity: { chain, privateKey } });
  }

  async token(request: { token?: string; ttl?: number; agent_id?: SpiffeIdMessage } = {}): Promise<string> {
    const { value } = await this.admin.unary(agentService.methods.CreateJoinToken, { ttl: 600, ...request });
    return value;
  }

  /** One attestation by join token. */
  async attest(token: string, over: RpcChannel = this.anonymous(), keys = newKeys()): Promise<Identity> {
    const params = {
      data: { type: "join_token", payload: Buffer.from(token) },
      params: { csr: createRequest({ keys }) },
    };
    for await (const { result } of over.bidi(agentService.methods.AttestAgent, once({ params }))) {
      const svid = result?.svid;
      if (svid?.id) return { id: svid.id, chain: svid.cert_chain, privateKey: keys.privateKey };
    }
    throw new Error("no result");
  }

  async agent(): Promise<Identity> {
    return await this.attest(await this.token());
  }

  /** An SVID that an operator mints. */
  async mint(path: string, ttl = 0): Promise<Identity> {
    const keys = newKeys();
    const csr = createRequest({ keys, uris: [`spiffe://${trustDomain}${path}`] });
    const { svid } = await this.admin.unary(svidService.methods.MintX509SVID, { csr, ttl });
    if (!svid?.id) throw new Error("no SVID");
    return { id: svid.id, chain: svid.cert_chain, privateKey: keys.privateKey };
  }

  /** Creates one entry; a refusal is thrown as its StatusError. */
  async entry(fields: Sent<EntryMessage>): Promise<EntryMessage> {
    const message = { selectors: [{ type: "unix", value: "uid:1" }], ...fields };
    const { results } = await this.admin.unary(entryService.methods.BatchCreateEntry, { entries: [message] });
    const [result] = results;
    if (result?.status?.code !== 0) throw new StatusError(result?.status?.code ?? 2, result?.status?.message ?? "");
    if (result.entry === null) throw new Error("no entry");
    return result.entry;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await this.server.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #tcp(): string {
    return `127.0.0.1:${String(this.server.address.port)}`;
  }

  #open(address: string, tls?: Parameters<typeof RpcChannel.open>[0]["tls"]): RpcChannel {
    const channel = RpcChannel.open({ address, ...(tls && { tls }) });
    this.#channels.push(channel);
    return channel;
  }
}

export function configIn(directory: string, values: Readonly<Record<string, unknown>> = {}): ServerConfig {
  const parsed = parseServerConfig({
    values: {
      trust_domain: trustDomain,
      bind: "127.0.0.1:0",
      rate_limit: { attestation: 0, signing: 0 },
      log_level: "debug",
      ...values,
    },
    directories: { runtime: join(directory, "run"), state: join(directory, "state") },
    position: () => undefined,
  });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

export function collect(log: Record<string, unknown>[]): Logger {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      log.push(JSON.parse(chunk.toString()) as Record<string, unknown>);
      done();
    },
  });
  return createLogger({ level: "debug", format: "json", destination });
}

/** Code, and the reason that makes agents act, of a call that must fail. */
export async function refusal(
  call: Promise<unknown>,
): Promise<{ code: number; message: string; reason: PermissionDeniedReason | undefined }> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { code: error.code, message: error.message, reason: permissionDeniedReason(error) };
  }
  throw new Error("the call was not refused");
}
