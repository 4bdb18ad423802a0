// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const interopDir = fileURLToPath(new URL(".", import.meta.url));
const generated = new Set(["target", "__pycache__", "node_modules"]);

/** Folder outside the checkout where the expensive peers are built once per version. */
export const cacheDir: string = process.env["MAYFLY_CACHE"] ?? join(homedir(), ".cache", "mayfly");

/** One foreign program: where its source or module file is, what makes it, and the command that runs it. */
interface Peer {
  readonly folder: string;
  build(source: string, out: string): void;
  command(out: string): string[];
}

function run(command: string, args: string[], cwd: string, env: Record<string, string> = {}): void {
  const result = spawnSync("nice", [command, ...args], {
    cwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, NODE_OPTIONS: "", ...env },
  });
  if (result.status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${result.status ?? result.signal}`);
}

function goTool(folder: string, packagePath: string, env: Record<string, string> = {}): Peer {
  return {
    folder,
    build: (source, out) =>
      run("go", ["build", "-buildvcs=false", "-o", join(out, "program"), packagePath], source, env),
    command: (out) => [join(out, "program")],
  };
}

function installRequirements(source: string, out: string): void {
  run("python3", ["-m", "venv", join(out, "venv")], source);
  run(join(out, "venv", "bin", "pip"), ["install", "--quiet", "-r", "requirements.txt"], source);
}

const cgo = { CGO_ENABLED: "1" };

/** Every foreign program that the suites use, by name. */
export const peers: Record<string, Peer> = {
  "spire-server": goTool("peers/spire", "github.com/spiffe/spire/cmd/spire-server", cgo),
  "spire-agent": goTool("peers/spire", "github.com/spiffe/spire/cmd/spire-agent", cgo),
  zlint: goTool("peers/zlint", "github.com/zmap/zlint/v3/cmd/zlint"),
  go: goTool("go", "."),
  python: {
    folder: "python",
    build: (source, out) => {
      installRequirements(source, out);
      cpSync(join(source, "client.py"), join(out, "client.py"));
    },
    command: (out) => [join(out, "venv", "bin", "python"), join(out, "client.py")],
  },
  hadolint: {
    folder: "peers/hadolint",
    build: installRequirements,
    command: (out) => [join(out, "venv", "bin", "hadolint")],
  },
  rust: {
    folder: "rust",
    build: (source, out) =>
      run("cargo", ["build", "--release", "--locked"], source, { CARGO_TARGET_DIR: join(out, "target") }),
    command: (out) => [join(out, "target", "release", "client")],
  },
  java: {
    folder: "java",
    build: (source, out) => {
      const copy = join(out, "source");
      cpSync(source, copy, { recursive: true, filter: (path) => !path.endsWith("/target") });
      run("mvn", ["-q", "-B", "package"], copy);
    },
    command: (out) => [
      "java",
      "-cp",
      `${join(out, "source/target/client.jar")}:${join(out, "source/target/lib")}/*`,
      "test.mayfly.Client",
    ],
  },
};

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return generated.has(entry.name) ? [] : sourceFiles(path);
      return [path];
    })
    .toSorted();
}

function version(folder: string): string {
  const hash = createHash("sha256");
  for (const file of sourceFiles(folder)) {
    hash.update(relative(folder, file)).update("\0").update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

function outputOf(name: string, peer: Peer): string {
  return join(cacheDir, "peers", `${name}-${version(join(interopDir, peer.folder))}`);
}

/**
 * The command of a peer, built when this version of it is not in the cache yet.
 * A virtual environment is not movable, so a build happens in place and is marked complete at its end.
 */
export function peerCommand(name: string): string[] {
  const peer = peers[name];
  if (peer === undefined) throw new TypeError(`no peer ${JSON.stringify(name)}`);
  const out = outputOf(name, peer);
  if (!existsSync(join(out, "complete"))) {
    rmSync(out, { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    peer.build(join(interopDir, peer.folder), out);
    mkdirSync(join(out, "complete"));
  }
  return peer.command(out);
}

/** True when the peer is in the cache, so that a quick test may use it without building. */
export function hasPeer(name: string): boolean {
  const peer = peers[name];
  return peer !== undefined && existsSync(join(outputOf(name, peer), "complete"));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(peers)) {
    const started = performance.now();
    const command = peerCommand(name);
    process.stdout.write(`${name}: ${command.join(" ")} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
  }
}
