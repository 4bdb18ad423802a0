// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { output } from "../../processes.ts";
import type { Backend } from "./backend.ts";
import { PeerProcess } from "./peer-process.ts";

const rogueProgram = fileURLToPath(new URL("../ts-peer/rogue.ts", import.meta.url));
/** The trust domain that is federated with. */
export const foreignDomain = "other.test";
const groups = { ours: 5_001, go: 5_002, brief: 5_003 } as const;

/** Transports that both sides serve. */
export const served = ["tls", "https", "http2", "grpc"] as const;

/** Transports of our clients, and what a Go server has to speak for them. */
export const ourClients: readonly (readonly [string, string])[] = [
  ...served.map((name) => [name, name] as const),
  ["fetch", "https"],
  ["undici", "http2"],
];

/** An identity in PEM files. */
interface IdentityFiles {
  readonly certificate: string;
  readonly key: string;
}

function write(dir: string, name: string, { certificate, key }: IdentityFiles): IdentityFiles {
  const files = { certificate: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
  writeFileSync(files.certificate, certificate);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}

/**
 * Two peers below one agent: `ours` on spiffe-client, `go` on go-spiffe. Both have the bundle of another trust domain, whose CA signed
 * `friend`, an identity of its own, and `rogue`: a certificate for the ID of `go`.
 */
export class World implements AsyncDisposable {
  readonly backend: Backend;
  readonly ours: PeerProcess;
  readonly go: PeerProcess;
  readonly friend: IdentityFiles;
  readonly rogue: IdentityFiles;
  readonly #dir: string;

  private constructor(backend: Backend, dir: string, members: Pick<World, "ours" | "go" | "friend" | "rogue">) {
    this.backend = backend;
    this.#dir = dir;
    this.ours = members.ours;
    this.go = members.go;
    this.friend = members.friend;
    this.rogue = members.rogue;
  }

  static async open(backend: Backend, ttlSeconds: number): Promise<World> {
    const dir = mkdtempSync(join(tmpdir(), "mayfly-mtls-"));
    const program = [process.execPath, "--conditions=@mayfly/source", rogueProgram];
    const goId = `spiffe://${backend.trustDomain}/go`;
    const foreign = JSON.parse(output([...program, foreignDomain, goId])) as {
      readonly bundle: string;
      readonly friend: IdentityFiles;
      readonly rogue: IdentityFiles;
    };
    backend.federate(foreignDomain, foreign.bundle);
    for (const name of ["ours", "go"] as const)
      backend.create(`/${name}`, groups[name], { ttlSeconds, federatesWith: foreignDomain });
    const { env } = backend;
    const [ours, go] = await Promise.all([
      PeerProcess.start({ library: "ours", group: groups.ours, env }),
      PeerProcess.start({ library: "go", group: groups.go, env }),
    ]);
    const [friend, rogue] = [write(dir, "friend", foreign.friend), write(dir, "rogue", foreign.rogue)];
    return new World(backend, dir, { ours, go, friend, rogue });
  }

  /** A third peer, on go-spiffe, whose SVIDs live for so long. */
  async brief(ttlSeconds: number): Promise<PeerProcess> {
    this.backend.create("/brief", groups.brief, { ttlSeconds, federatesWith: foreignDomain });
    return await PeerProcess.start({ library: "go", group: groups.brief, env: this.backend.env });
  }

  id(name: "ours" | "go" | "brief" | "nobody"): string {
    return `spiffe://${this.backend.trustDomain}/${name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.ours[Symbol.asyncDispose](), this.go[Symbol.asyncDispose]()]);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}
