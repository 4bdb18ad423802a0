// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Background, freePort, MayflyAgent, MayflyServer, output, runProgram, until } from "../../processes.ts";
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";
import { findings } from "./lint.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
const trustDomain = "example.org";

function run(folder: string, settings: string): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "program.conf");
  writeFileSync(file, settings);
  return file;
}

/** A real spire-server whose authority comes from the server above it, by an SVID from a Workload API. */
class NestedServer implements AsyncDisposable {
  readonly port: number;
  readonly #dir: string;
  readonly #process: Background;

  private constructor(dir: string, port: number, upstream: { port: number; workloadSocket: string }) {
    this.port = port;
    this.#dir = dir;
    const config = run(
      dir,
      `server {
  bind_address = "127.0.0.1"
  bind_port = "${port}"
  socket_path = "${this.#socket}"
  trust_domain = "${trustDomain}"
  data_dir = "${dir}"
  log_level = "DEBUG"
  ca_ttl = "1h"
  default_x509_svid_ttl = "10m"
}
plugins {
  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "${join(dir, "db")}" } }
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
  UpstreamAuthority "spire" {
    plugin_data {
      server_address = "127.0.0.1"
      server_port = "${upstream.port}"
      workload_api_socket = "${upstream.workloadSocket}"
    }
  }
}
`,
    );
    this.#process = new Background([...peerCommand("spire-server"), "run", "-config", config]);
  }

  static async start(dir: string, upstream: { port: number; workloadSocket: string }): Promise<NestedServer> {
    const server = new NestedServer(dir, await freePort(), upstream);
    const [program = ""] = peerCommand("spire-server");
    await until(
      () => server.log,
      () => runProgram([program, "healthcheck", "-socketPath", server.#socket]).status === 0,
      60_000,
    );
    return server;
  }

  get #socket(): string {
    return join(this.#dir, "api.sock");
  }

  get log(): string {
    return this.#process.log.slice(-4_000);
  }

  admin(...args: readonly string[]): string {
    return output([...peerCommand("spire-server"), ...args, "-socketPath", this.#socket]);
  }

  createEntry(path: string, parentId: string, ...more: readonly string[]): void {
    const id = `spiffe://${trustDomain}${path}`;
    this.admin("entry", "create", "-spiffeID", id, "-parentID", parentId, ...more);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

/** A real spire-agent attested at a nested server. */
class NestedAgent implements AsyncDisposable {
  readonly id: string;
  readonly socket: string;
  readonly #process: Background;

  private constructor(dir: string, server: NestedServer) {
    this.socket = join(dir, "api.sock");
    const token = /Token: (\S+)/.exec(server.admin("token", "generate"))?.[1] ?? "";
    this.id = `spiffe://${trustDomain}/spire/agent/join_token/${token}`;
    const config = run(
      dir,
      `agent {
  data_dir = "${dir}"
  log_level = "DEBUG"
  server_address = "127.0.0.1"
  server_port = "${server.port}"
  socket_path = "${this.socket}"
  trust_domain = "${trustDomain}"
  trust_bundle_path = "${join(dir, "bundle.pem")}"
  experimental { sync_interval = "1s" }
}
plugins {
  NodeAttestor "join_token" { plugin_data {} }
  KeyManager "memory" { plugin_data {} }
  WorkloadAttestor "unix" { plugin_data { discover_workload_path = true } }
}
`,
    );
    writeFileSync(join(dir, "bundle.pem"), server.admin("bundle", "show"));
    this.#process = new Background([...peerCommand("spire-agent"), "run", "-config", config, "-joinToken", token]);
  }

  static async start(dir: string, server: NestedServer): Promise<NestedAgent> {
    const agent = new NestedAgent(dir, server);
    const [program = ""] = peerCommand("spire-agent");
    await until(
      () => `${agent.#process.log.slice(-4_000)}\n${server.log}`,
      () => runProgram([program, "healthcheck", "-socketPath", agent.socket]).status === 0,
      60_000,
    );
    return agent;
  }

  get env(): Record<string, string> {
    return { SPIFFE_ENDPOINT_SOCKET: `unix://${this.socket}` };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}

interface Workloads {
  readonly name: string;
  readonly server: MayflyServer;
  readonly agent: MayflyAgent;
  readonly nested: NestedAgent;
  readonly dir: string;
}

/** The agents tell programs apart: what serves, and what asks for identities. */
function selectorOf(program = ""): string {
  return `unix:path:${realpathSync(program)}`;
}

/** PEM of the chain that a workload of the nested agent holds, one certificate each. */
function chainOf({ nested, dir }: Workloads): string[] {
  output([mayfly, "workload", "fetch", "x509", "--write", dir], { env: nested.env });
  return readFileSync(join(dir, "svid.0.pem"), "utf8").match(/-----BEGIN[^]+?-----END CERTIFICATE-----\n/g) ?? [];
}

async function ping(from: Record<string, string>, to: Record<string, string>): Promise<void> {
  await using echo = new Background([...peerCommand("go"), "serve", "127.0.0.1:0"], to);
  const address = await until(
    () => `the echo server: ${echo.log}`,
    () => /^ready (\S+)$/m.exec(echo.stdout)?.[1],
  );
  output([...peerCommand("go"), "ping", address, "2"], { env: from });
}

/** A workload below a nested server and one of our own agent, with each other. */
async function meet(suite: Suite, depth: number, workloads: Workloads): Promise<void> {
  const { name, server, agent, nested, dir } = workloads;
  await suite.check(`${name}: mTLS with a workload of our agent, both ways`, async () => {
    await until(
      () => "both workloads",
      () =>
        [agent.env, nested.env].every((env) => runProgram([...peerCommand("go"), "watch", "0"], { env }).status === 0),
    );
    await ping(agent.env, nested.env);
    await ping(nested.env, agent.env);
  });
  await suite.check(`${name}: a chain of ${depth} authorities leads to our bundle, by OpenSSL and zlint`, () => {
    const chain = chainOf(workloads);
    expect(chain.length === depth + 1, `${chain.length} certificates`);
    writeFileSync(join(dir, "roots.pem"), server.mayfly("bundle", "show"));
    writeFileSync(join(dir, "above.pem"), chain.slice(1).join(""));
    const options = ["-x509_strict", "-CAfile", join(dir, "roots.pem"), "-untrusted", join(dir, "above.pem")];
    output(["openssl", "verify", ...options, join(dir, "svid.0.pem")]);
    // The last is the one that we signed.
    writeFileSync(join(dir, "authority.pem"), chain.at(-1) ?? "");
    const found = findings(join(dir, "authority.pem"));
    expect(found.length === 0, found.join("\n"));
  });
  await suite.check(`${name}: JWT-SVIDs validate on the other side, both ways`, async () => {
    for (const [issuer, validator] of [
      [nested.env, agent.env],
      [agent.env, nested.env],
    ] as const) {
      const token = output([...peerCommand("go"), "jwt", "x"], { env: issuer }).trim();
      await until(
        () => `a bundle that validates ${token}`,
        () => runProgram([...peerCommand("go"), "validate", "x", token], { env: validator }).status === 0,
      );
    }
  });
}

function issuedCas(server: MayflyServer): number {
  return server.log.match(/downstream_ca_issued/g)?.length ?? 0;
}

/** Another authority of ours instead of the one that all below hang on. */
async function withdraw(suite: Suite, workloads: Workloads): Promise<void> {
  const { name, server, agent, nested } = workloads;
  await suite.check(`${name}: a tainted authority of ours is replaced below, and leaves are good again`, async () => {
    const before = issuedCas(server);
    const [old = ""] = chainOf(workloads).slice(-1);
    server.mayfly("authority", "prepare", "x509");
    server.mayfly("authority", "activate", "x509");
    server.mayfly("authority", "taint", "x509");
    await until(
      () => `a new authority for the nested server: ${server.log.slice(-2_000)}`,
      () => issuedCas(server) > before,
      60_000,
    );
    await until(
      () => "a leaf below the new authority",
      () => chainOf(workloads).at(-1) !== old,
      60_000,
    );
    server.mayfly("authority", "revoke", "x509");
    await ping(agent.env, nested.env);
  });
}

/** spire-servers below ours, two levels: each gets its authority from the one above. */
export async function nested(suite: Suite): Promise<void> {
  await using server = await MayflyServer.start();
  await using agent = await MayflyAgent.start(server);
  const dir = mkdtempSync(join(tmpdir(), "mayfly-nested-"));
  const hour = ["-x509SVIDTTL", "3600"];
  const selectors = {
    server: selectorOf(peerCommand("spire-server")[0]),
    workload: selectorOf(peerCommand("go")[0]),
    mayfly: selectorOf(process.execPath),
  };
  server.createEntry("/nested-1", agent.id, [selectors.server], "--downstream", "--x509-svid-ttl", "1h");
  server.createEntry("/ours", agent.id, [selectors.workload], "--wait");
  {
    await using first = await NestedServer.start(join(dir, "server-1"), {
      port: server.port,
      workloadSocket: agent.socket,
    });
    await suite.check("spire-server starts with an authority of ours, and the log names who got it", () =>
      until(
        () => server.log.slice(-2_000),
        () => server.log.split("\n").some((line) => /downstream_ca_issued/.test(line) && line.includes("/nested-1")),
      ),
    );
    await using firstAgent = await NestedAgent.start(join(dir, "agent-1"), first);
    first.createEntry("/theirs-1", firstAgent.id, "-selector", selectors.workload);
    first.createEntry("/theirs-1", firstAgent.id, "-selector", selectors.mayfly);
    await meet(suite, 1, { name: "one level below", server, agent, nested: firstAgent, dir });

    first.createEntry("/nested-2", firstAgent.id, "-selector", selectors.server, "-downstream", ...hour);
    await using second = await NestedServer.start(join(dir, "server-2"), {
      port: first.port,
      workloadSocket: firstAgent.socket,
    });
    await using secondAgent = await NestedAgent.start(join(dir, "agent-2"), second);
    second.createEntry("/theirs-2", secondAgent.id, "-selector", selectors.workload);
    second.createEntry("/theirs-2", secondAgent.id, "-selector", selectors.mayfly);
    await meet(suite, 2, { name: "two levels below", server, agent, nested: secondAgent, dir });
    await withdraw(suite, { name: "one level below", server, agent, nested: firstAgent, dir });
  }
  rmSync(dir, { recursive: true, force: true });
}
