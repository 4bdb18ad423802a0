// SPDX-License-Identifier: Apache-2.0
import { MayflyServer, output, runProgram } from "../../processes.ts";
import type { WorldNetwork } from "../../demo/world/open-world.ts";

const port = 8081;

/** The guards that have one. */
export const cableNames = ["agent", "gateway", "broker"] as const;

/** Which cable. */
export type CableName = (typeof cableNames)[number];

/** Why cables can't be laid here; undefined where they can. */
export function whyNoCables(): string | undefined {
  if (process.getuid?.() !== 0) return "network namespaces take root";
  const { status } = runProgram(["unshare", "--net", "true"]);
  return status === 0 ? undefined : "the kernel gives no network namespace here";
}

/**
 * A server in a network namespace of its own, which each guard reaches over a pair of virtual interfaces of its own. A cut takes the
 * server's end down: packets vanish, and nobody is told, as with a cable that was pulled. Everything between the guards stays as it is.
 */
export class Cables implements WorldNetwork, Disposable {
  readonly #namespace = `mayfly-${String(process.pid)}`;
  // A block of its own for each run of the tests.
  readonly #block = `10.${String(128 + (process.pid % 100))}`;

  constructor() {
    output(["ip", "netns", "add", this.#namespace]);
    this.#inside("link", "set", "lo", "up");
    for (const name of cableNames) this.#lay(name);
  }

  async startServer(settings: Record<string, unknown>): Promise<MayflyServer> {
    const within = ["ip", "netns", "exec", this.#namespace];
    const server = await MayflyServer.prepare({ ...settings, bind: `0.0.0.0:${String(port)}` }, { within });
    await server.boot();
    return server;
  }

  addressFor(name: CableName): string {
    return `${this.#block}.${String(cableNames.indexOf(name))}.1:${String(port)}`;
  }

  /** Pulls the cable. */
  cut(name: CableName): void {
    this.#inside("link", "set", this.#far(name), "down");
  }

  /** Puts it back. */
  mend(name: CableName): void {
    this.#inside("link", "set", this.#far(name), "up");
  }

  /** With the namespace its interfaces go, and with them their other ends. */
  [Symbol.dispose](): void {
    output(["ip", "netns", "delete", this.#namespace]);
  }

  #lay(name: CableName): void {
    const net = `${this.#block}.${String(cableNames.indexOf(name))}`;
    const [near, far] = [`mf-${name[0] ?? ""}${String(process.pid)}`, this.#far(name)];
    output(["ip", "link", "add", near, "type", "veth", "peer", "name", far, "netns", this.#namespace]);
    output(["ip", "address", "add", `${net}.2/30`, "dev", near]);
    output(["ip", "link", "set", near, "up"]);
    this.#inside("address", "add", `${net}.1/30`, "dev", far);
    this.#inside("link", "set", far, "up");
  }

  #far(name: CableName): string {
    return `to-${name}`;
  }

  #inside(...words: readonly string[]): void {
    output(["ip", "-netns", this.#namespace, ...words]);
  }
}
