// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { RpcChannel, svidService } from "@mayfly/rpc";
import { createRequest } from "@mayfly/x509";
import { configIn, type Identity, newKeys, trustDomain } from "../server-under-test.ts";

const program = fileURLToPath(new URL("./server-process.ts", import.meta.url));

/** A server in a process of its own, which may be killed and started again in the same folder. */
export class KilledServer implements AsyncDisposable {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #port = 0;
  readonly #channels: RpcChannel[] = [];

  constructor(directory: string) {
    this.#directory = directory;
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, ["--conditions=@mayfly/source", program, this.#directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#child = child;
    const [said] = (await once(child.stdout, "data")) as [Buffer];
    this.#port = Number(said.toString());
  }

  /** Without a word. */
  async kill(): Promise<void> {
    const exited = this.#child && once(this.#child, "exit");
    this.#child?.kill("SIGKILL");
    await exited;
    for (const channel of this.#channels.splice(0)) channel.close();
  }

  get admin(): RpcChannel {
    return this.#open({ address: `unix://${configIn(this.#directory).serverSocket}` });
  }

  as({ chain, privateKey }: Identity): RpcChannel {
    const tls = { verify: () => undefined, identity: { chain, privateKey } };
    return this.#open({ address: `127.0.0.1:${String(this.#port)}`, tls });
  }

  async mint(path: string): Promise<Identity> {
    const keys = newKeys();
    const csr = createRequest({ keys, uris: [`spiffe://${trustDomain}${path}`] });
    const { svid } = await this.admin.unary(svidService.methods.MintX509SVID, { csr, ttl: 600 });
    if (!svid?.id) throw new Error("no SVID");
    return { id: svid.id, chain: svid.cert_chain, privateKey: keys.privateKey };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  #open(options: Parameters<typeof RpcChannel.open>[0]): RpcChannel {
    const channel = RpcChannel.open(options);
    this.#channels.push(channel);
    return channel;
  }
}
