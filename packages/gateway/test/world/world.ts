// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import type { Sent, TaskStanding } from "@mayfly/rpc";
import { starterPolicies } from "@mayfly/policy";
import { createTaskId, formatScope, parseScope, type TaskId } from "@mayfly/tasks";
import { type FinishedSpan, silentLogger } from "@mayfly/telemetry";
import {
  type GatewayConfig,
  type GatewayPorts,
  parseGatewayConfig,
  type RunningGateway,
  startGateway,
} from "../../src/index.ts";
import { type FakeTaskServer, startFakeTaskServer } from "./fake-task-server.ts";
import { idOf, identity } from "./identities.ts";
import { startToolServer, type TestToolServer } from "./tool-server.ts";

/** A gateway between a real MCP server and agents, with the server's side of mayfly.task.v1. */
export interface World extends AsyncDisposable {
  readonly gateway: RunningGateway;
  readonly server: FakeTaskServer;
  readonly tools: TestToolServer;
  readonly spans: FinishedSpan[];
  readonly root: string;
  readonly config: GatewayConfig;
  readonly url: string;
  /** Starts a task and waits until the gateway can know of it. */
  start(task?: TaskOptions): TestTask;
  change(task: TestTask, over: Sent<TaskStanding>): void;
}

/** What a task may do; default: all that the tests need. */
export interface TaskOptions {
  readonly agent?: string;
  readonly tier?: string;
  readonly scope?: unknown;
  readonly parent?: TaskId;
  readonly depth?: number;
  readonly ttlMs?: number;
  readonly state?: string;
}

/** A task with its SPIFFE ID's path. */
export interface TestTask {
  readonly id: TaskId;
  readonly path: string;
  readonly standing: Sent<TaskStanding>;
}

/** Scope of most tests. */
export const usualScope = {
  tools: [
    { server: "orders", tool: "query", effect: "read", arguments: { table: { oneOf: ["orders", "items"] } } },
    {
      server: "orders",
      tool: "refund",
      effect: "reversible",
      arguments: { amount: { min: 0, max: 100 } },
      approval: "over-limit",
    },
    { server: "orders", tool: "slow", effect: "read" },
    { server: "orders", tool: "fails", effect: "read" },
    { server: "orders", tool: "region", effect: "read" },
    { server: "orders", tool: "read_file", effect: "read", resources: { prefix: "public" } },
  ],
};

/** Values of a configuration file for a tool server and a Mayfly server. */
export function configValues(
  directory: string,
  toolUrl: string,
  server: string,
  registered: Record<string, object> = {},
): Record<string, unknown> {
  return {
    trust_domain: "example.org",
    server,
    listen: "127.0.0.1:0",
    data_dir: join(directory, "data"),
    policy: join(directory, "policy"),
    tool_refresh: "30s",
    call_timeout: "5s",
    tool_servers: {
      orders: {
        url: toolUrl,
        spiffe_id: idOf("/tool/orders"),
        tools: {
          query: { effect: "read" },
          refund: { effect: "reversible" },
          slow: { effect: "read" },
          fails: { effect: "read" },
          region: { effect: "read" },
          read_file: { effect: "read", resources: ["path"] },
          ...registered,
        },
      },
    },
    authzen: { url: "https://gateway.test", callers: [idOf("/envoy")] },
  };
}

/** Parses values as they come from a file. @throws when they are wrong */
export function configOf(values: Record<string, unknown>): GatewayConfig {
  const directories = { runtime: "/run/mayfly", state: "/var/lib/mayfly" };
  const parsed = parseGatewayConfig({ values, directories, position: () => undefined });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

/** Starts it all. */
export async function startWorld(
  over: Record<string, unknown> = {},
  ports: GatewayPorts = {},
  registered: Record<string, object> = {},
): Promise<World> {
  await using resources = new AsyncDisposableStack();
  const directory = mkdtempSync(join(tmpdir(), "mayfly-gateway-"));
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  writePolicies(join(directory, "policy"));
  const root = join(directory, "files");
  mkdirSync(join(root, "public"), { recursive: true });
  const tools = resources.use(await startToolServer(root));
  const server = resources.use(await startFakeTaskServer());
  const config = configOf({ ...configValues(directory, tools.url, server.address, registered), ...over });
  const spans: FinishedSpan[] = [];
  const sink = { ended: (span: FinishedSpan) => void spans.push(span) };
  const source = identity("/gateway");
  const gateway = resources.use(await startGateway(config, { source, log: silentLogger, spans: sink, ...ports }));
  await gateway.ready;
  const owned = resources.move();
  return {
    gateway,
    server,
    tools,
    spans,
    root,
    config,
    url: `https://127.0.0.1:${gateway.port}`,
    start: (options = {}) => {
      const task = taskOf(options);
      server.push(task.standing);
      return task;
    },
    change: (task, changed) => server.push({ ...task.standing, ...changed }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A standing for a new task. */
export function taskOf(options: TaskOptions): TestTask {
  const { agent = "support", tier = "T1", scope = usualScope, parent = "", depth = 0, ttlMs = 600_000 } = options;
  const id = createTaskId(randomBytes(10));
  const path = `/agent/${agent}/task/${id}`;
  const standing = {
    task_id: id,
    parent_id: parent,
    agent,
    owner: "olivia",
    spiffe_id: idOf(path),
    state: options.state ?? "active",
    tier,
    not_after_ms: String(Date.now() + ttlMs),
    revision: "7",
    scope_json: formatScope(parseScope(scope)),
    depth,
  };
  return { id, path, standing };
}

/** Writes the starter bundle as files. */
export function writePolicies(directory: string): void {
  mkdirSync(join(directory, "policies"), { recursive: true });
  const { policies, manifest, schema } = starterPolicies();
  for (const [id, text] of Object.entries(policies)) writeFileSync(join(directory, "policies", `${id}.cedar`), text);
  writeFileSync(join(directory, "manifest.json"), manifest);
  if (schema !== undefined) writeFileSync(join(directory, "schema.cedarschema"), schema);
}
