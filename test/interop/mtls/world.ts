// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { output } from "../../processes.ts";
import type { Backend } from "./backend.ts";
import { PeerProcess } from "./peer-process.ts";

const rogueProgram = fileURLToPath(new URL("../ts-peer/rogue.ts", import.meta.url));
const foreignDomain = "other.test";
const groups = { ours: 5_001, go: 5_002 } as const;

/** Transports that both sides serve. */
export const served = ["tls", "https", "http2", "grpc"] as const;

/** Transports of our clients, and what a Go server has to speak for them. */
export const ourClients: readonly (readonly [string, string])[] = [
  ...served.map((name) => [name, name] as const),
  ["fetch", "https"],
  ["undici", "http2"],
];

/**
 * Two peers below one agent: `ours` on spiffe-client, `go` on go-spiffe. Both have the bundle of another trust domain, whose CA signed
 * `rogue`: a certificate for the ID of `go`.
 */
export class World implements AsyncDisposable {
  readonly backend: Backend;
  readonly ours: PeerProcess;
  readonly go: PeerProcess;
  readonly rogue: { readonly certificate: string; readonly key: string };
  readonly #dir: string;

  private constructor(dir: string, backend: Backend, peers: { ours: PeerProcess; go: PeerProcess }) {
    this.#dir = dir;
    this.backend = backend;
    this.ours = peers.ours;
    this.go = peers.go;
    this.rogue = { certificate: join(dir, "rogue.pem"), key: join(dir, "rogue.key") };
  }

  static async open(backend: Backend, ttlSeconds: number): Promise<World> {
    const dir = mkdtempSync(join(tmpdir(), "mayfly-mtls-"));
    const program = [process.execPath, "--conditions=@mayfly/source", rogueProgram];
    const goId = `spiffe://${backend.trustDomain}/go`;
    const rogue = JSON.parse(output([...program, foreignDomain, goId])) as Record<
      "bundle" | "certificate" | "key",
      string
    >;
    writeFileSync(join(dir, "rogue.pem"), rogue.certificate);
    writeFileSync(join(dir, "rogue.key"), rogue.key, { mode: 0o600 });
    backend.federate(foreignDomain, rogue.bundle);
    for (const name of ["ours", "go"] as const)
      backend.create(`/${name}`, groups[name], { ttlSeconds, federatesWith: foreignDomain });
    const { env } = backend;
    const [ours, go] = await Promise.all([
      PeerProcess.start({ library: "ours", group: groups.ours, env }),
      PeerProcess.start({ library: "go", group: groups.go, env }),
    ]);
    return new World(dir, backend, { ours, go });
  }

  id(name: "ours" | "go" | "nobody"): string {
    return `spiffe://${this.backend.trustDomain}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ours[Symbol.asyncDispose](), this.go[Symbol.asyncDispose]()]);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
