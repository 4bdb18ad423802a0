// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  agentService,
  bundleService,
  type EntryMessage,
  entryService,
  RpcChannel,
  type Sent,
  WORKLOAD_HEADER,
} from "@mayfly/rpc";
import { toPem } from "@mayfly/x509";
import { peerCommand } from "../interop/peers.ts";
import { environment, freePort } from "../processes.ts";

const mayfly = fileURLToPath(new URL("../../scripts/mayfly", import.meta.url));
export const trustDomain = "bench.test";

/** A running server and agent of one make, spoken to in the API that both have. */
export interface Target extends AsyncDisposable {
  readonly name: "mayfly" | "spire";
  readonly dir: string;
  readonly address: string;
  readonly admin: RpcChannel;
  readonly serverPid: number;
  /** Starts an agent with a fresh join token; its id, pid and Workload API. */
  startAgent(): Promise<TargetAgent>;
  /** Ends the server as a crash would and starts it again. */
  restartServer(): Promise<void>;
  stopServer(): Promise<void>;
}

interface TargetAgent extends AsyncDisposable {
  readonly id: string;
  readonly pid: number;
  readonly socket: string;
  /** Ends the agent as a crash would and starts it again on the state that it left; returns at once. */
  restart(): Promise<void>;
}

interface Make {
  readonly name: Target["name"];
  readonly adminSocket: (dir: string) => string;
  writeServerConfig(dir: string, port: number): void;
  serverCommand(dir: string): string[];
  agentCommand(dir: string, agent: AgentPlace): string[];
}

interface AgentPlace {
  readonly dir: string;
  readonly socket: string;
  readonly port: number;
  readonly token: string;
}

const ours: Make = {
  name: "mayfly",
  adminSocket: (dir) => join(dir, "admin", "admin.sock"),
  writeServerConfig: (dir, port) =>
    writeFileSync(
      join(dir, "server.conf"),
      JSON.stringify({
        trust_domain: trustDomain,
        bind: `127.0.0.1:${port}`,
        server_socket: join(dir, "admin", "admin.sock"),
        data_dir: join(dir, "server"),
        x509_svid_ttl: "1h",
        rate_limit: { attestation: 0, signing: 0 },
        log_level: "warn",
      }),
    ),
  serverCommand: (dir) => [mayfly, "server", "run", "--config", join(dir, "server.conf")],
  agentCommand: (dir, { dir: own, socket, port, token }) => {
    writeFileSync(join(own, "token"), token, { mode: 0o600 });
    const files = ["--join-token-file", join(own, "token"), "--trust-bundle", join(dir, "bundle.pem")];
    const places = ["--data-dir", join(own, "data"), "--socket", socket];
    const server = ["--trust-domain", trustDomain, "--server", `127.0.0.1:${port}`];
    return [mayfly, "agent", "run", ...server, ...files, ...places];
  },
};

const spire: Make = {
  name: "spire",
  adminSocket: (dir) => join(dir, "admin.sock"),
  writeServerConfig: (dir, port) =>
    writeFileSync(
      join(dir, "server.conf"),
      `server { bind_address = "127.0.0.1" bind_port = "${port}" socket_path = "${join(dir, "admin.sock")}"
        trust_domain = "${trustDomain}" data_dir = "${join(dir, "server")}" log_level = "WARN" default_x509_svid_ttl = "1h"
        ratelimit { attestation = false signing = false } }
      plugins { DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "${join(dir, "server", "store.sqlite3")}" } }
        KeyManager "disk" { plugin_data { keys_path = "${join(dir, "server", "keys.json")}" } }
        NodeAttestor "join_token" { plugin_data {} } }`,
    ),
  serverCommand: (dir) => [...peerCommand("spire-server"), "run", "-config", join(dir, "server.conf")],
  agentCommand: (dir, { dir: own, socket, port, token }) => {
    writeFileSync(
      join(own, "agent.conf"),
      `agent { data_dir = "${join(own, "data")}" log_level = "WARN" server_address = "127.0.0.1" server_port = "${port}"
        socket_path = "${socket}" trust_domain = "${trustDomain}" trust_bundle_path = "${join(dir, "bundle.pem")}" }
      plugins { NodeAttestor "join_token" { plugin_data {} } KeyManager "disk" { plugin_data { directory = "${join(own, "data")}" } }
        WorkloadAttestor "unix" { plugin_data {} } }`,
    );
    return [...peerCommand("spire-agent"), "run", "-config", join(own, "agent.conf"), "-joinToken", token];
  },
};

function start([program = "", ...args]: string[]): ChildProcess {
  return spawn(program, args, { env: environment(), stdio: ["ignore", "inherit", "inherit"] });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

/** Resolves with the first answer of `call`, asking again every few milliseconds. */
export async function firstAnswer<T>(call: () => Promise<T>, timeoutMs = 30_000): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Channel to a Workload API. */
export function openWorkload(socket: string): RpcChannel {
  return RpcChannel.open({ address: `unix://${socket}`, metadata: { [WORKLOAD_HEADER]: "true" } });
}

/** Registers entries under `parentId` for processes of this user; their ids. */
export async function createEntries(
  admin: RpcChannel,
  parentId: string,
  paths: readonly string[],
  more: Sent<EntryMessage> = {},
): Promise<string[]> {
  const entries = paths.map(
    (path): Sent<EntryMessage> => ({
      spiffe_id: { trust_domain: trustDomain, path },
      parent_id: { trust_domain: trustDomain, path: parentId.slice(`spiffe://${trustDomain}`.length) },
      selectors: [{ type: "unix", value: `uid:${process.getuid?.() ?? 0}` }],
      ...more,
    }),
  );
  const { results } = await admin.unary(entryService.methods.BatchCreateEntry, { entries });
  return results.map(({ status, entry }) => {
    if (status?.code !== 0 || entry === null) throw new Error(`entry not created: ${status?.message ?? ""}`);
    return entry.id;
  });
}

export async function deleteEntries(admin: RpcChannel, ids: readonly string[]): Promise<void> {
  await admin.unary(entryService.methods.BatchDeleteEntry, { ids });
}

async function startAgentOf(
  make: Make,
  target: { dir: string; port: number; admin: RpcChannel },
): Promise<TargetAgent> {
  const own = mkdtempSync(join(target.dir, "agent-"));
  for (const folder of ["data", "socket"]) mkdirSync(join(own, folder));
  const { value: token } = await target.admin.unary(agentService.methods.CreateJoinToken, { ttl: 600 });
  const socket = join(own, "socket", "api.sock");
  const command = make.agentCommand(target.dir, { dir: own, socket, port: target.port, token });
  let child = start(command);
  const id = `spiffe://${trustDomain}/spire/agent/join_token/${token}`;
  await firstAnswer(() =>
    target.admin.unary(agentService.methods.GetAgent, {
      id: { trust_domain: trustDomain, path: id.slice(`spiffe://${trustDomain}`.length) },
    }),
  );
  return {
    id,
    socket,
    get pid() {
      return child.pid ?? 0;
    },
    async restart() {
      await end(child, "SIGKILL");
      child = start(command);
    },
    [Symbol.asyncDispose]: () => end(child, "SIGTERM"),
  };
}

/** Starts a server of the given make on a data directory of its own. */
export async function startTarget(name: Target["name"]): Promise<Target> {
  const make = name === "mayfly" ? ours : spire;
  const dir = mkdtempSync(join(tmpdir(), `bench-${name}-`));
  mkdirSync(join(dir, "server"), { mode: 0o700 });
  const port = await freePort();
  make.writeServerConfig(dir, port);
  let child = start(make.serverCommand(dir));
  const admin = RpcChannel.open({ address: `unix://${make.adminSocket(dir)}` });
  const readBundle = () => admin.unary(bundleService.methods.GetBundle, {});
  const { x509_authorities } = await firstAnswer(readBundle);
  writeFileSync(join(dir, "bundle.pem"), x509_authorities.map(({ asn1 }) => toPem("CERTIFICATE", asn1)).join(""));
  return {
    name,
    dir,
    admin,
    address: `127.0.0.1:${port}`,
    get serverPid() {
      return child.pid ?? 0;
    },
    startAgent: () => startAgentOf(make, { dir, port, admin }),
    async restartServer() {
      await end(child, "SIGKILL");
      child = start(make.serverCommand(dir));
      await firstAnswer(readBundle);
    },
    stopServer: () => end(child, "SIGTERM"),
    async [Symbol.asyncDispose]() {
      admin.close();
      await end(child, "SIGTERM");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
