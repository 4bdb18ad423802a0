// SPDX-License-Identifier: Apache-2.0
import { MayflyAgent, MayflyServer } from "../../processes.ts";

/** An agent on a server that peers get their identities from. */
export interface Backend extends AsyncDisposable {
  readonly name: string;
  readonly trustDomain: string;
  /** Where its Workload API is. */
  readonly env: Record<string, string>;
  /** What the agent said, for failures. */
  readonly log: string;
  /** Stores the bundle of another trust domain. */
  federate(trustDomain: string, pem: string): void;
  /** Processes of this group get this path, and the bundle of `federatesWith`. */
  create(path: string, group: number, options: { readonly ttlSeconds: number; readonly federatesWith: string }): void;
  delete(path: string): void;
}

/** Our agent on our server. */
export class MayflyBackend implements Backend {
  readonly name = "our agent";
  readonly #server: MayflyServer;
  readonly #agent: MayflyAgent;

  private constructor(server: MayflyServer, agent: MayflyAgent) {
    this.#server = server;
    this.#agent = agent;
  }

  static async start(): Promise<MayflyBackend> {
    const server = await MayflyServer.start();
    return new MayflyBackend(server, await MayflyAgent.start(server));
  }

  get trustDomain(): string {
    return this.#server.trustDomain;
  }

  get env(): Record<string, string> {
    return this.#agent.env;
  }

  get log(): string {
    return this.#agent.log.slice(-2_000);
  }

  /** Of the agent's socket, for other commands. */
  mayfly(...args: readonly string[]): string {
    return this.#agent.mayfly(...args);
  }

  authority(): string {
    return this.#server.mayfly("bundle", "show");
  }

  federate(trustDomain: string, pem: string): void {
    setBundle(this.#server, trustDomain, pem);
  }

  create(path: string, group: number, options: { ttlSeconds: number; federatesWith: string }): void {
    createEntry(this.#server, this.#agent.id, { path, group, ...options });
  }

  delete(path: string): void {
    deleteEntry(this.#server, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** Gives our server the bundle of another trust domain. */
export function setBundle(server: MayflyServer, trustDomain: string, pem: string): void {
  const { status, stderr } = server.tryMayfly(["bundle", "set", "--trust-domain", trustDomain, "-"], pem);
  if (status !== 0) throw new Error(stderr);
}

/** An entry of our server for the processes of a group. */
export function createEntry(
  server: MayflyServer,
  parentId: string,
  entry: { path: string; group: number; ttlSeconds: number; federatesWith: string },
): void {
  const more = ["--x509-svid-ttl", `${entry.ttlSeconds}s`, "--federates-with", entry.federatesWith];
  server.createEntry(entry.path, parentId, [`unix:gid:${entry.group}`], ...more);
}

/** Takes the entries of a path away from our server. */
export function deleteEntry(server: MayflyServer, path: string): void {
  const listed = JSON.parse(
    server.mayfly("entry", "list", "--spiffe-id", `spiffe://${server.trustDomain}${path}`, "--output", "json"),
  ) as { entries: { id: string }[] };
  for (const { id } of listed.entries) server.mayfly("entry", "delete", id);
}
