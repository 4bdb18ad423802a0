// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { parseRecord } from "@mayfly/journal";
import { mayflyProfilesService, mayflyRecordsService, mayflyTasksService, RpcChannel } from "@mayfly/rpc";
import { writePolicies } from "../../../packages/gateway/test/world/world.ts";
import { brokerPassword, LeaseCluster } from "../../../packages/broker/test/target.ts";
import type {
  Credential,
  HeldTask,
  HolderOrder,
  HolderWord,
  StormOrder,
  StormWord,
} from "../../../packages/broker/test/task-ends/messages.ts";
import { addOperator } from "../../e2e/tasks/task-system.ts";
import { Background, freePort, MayflyAgent, MayflyServer, until } from "../../processes.ts";
import { Child } from "./child.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
const holderProgram = new URL("../../../packages/broker/test/task-ends/holder.ts", import.meta.url);
const stormProgram = new URL("../../../packages/broker/test/task-ends/storm.ts", import.meta.url);
const id = (path: string): string => `spiffe://example.org${path}`;
const scope = JSON.stringify({ tools: [{ server: "orders", tool: "slow", effect: "read" }] });
const uid = `unix:uid:${String(process.getuid?.() ?? 0)}`;
const startsAtOnce = 8;
const streamsEach = 50;
const lookEveryMs = 200;

/** A proven end of a task. */
export interface ProvenEnd {
  /** From the request until it is quiet. */
  readonly ms: number;
  /** What the broker did for each of its leases, from the evidence: ms until a step was done, by its name. */
  readonly steps: readonly Readonly<Record<string, number>>[];
}

/** What the record says of an end. */
export interface RecordedEnd {
  /** From the commit to the last proof of a guard that answers. */
  readonly healthyMs: number;
  /** 0 = nobody was waited out. */
  readonly fenceMs: number;
}

/** Server, agent, gateway, broker and database as processes, with one outside that holds what tasks are given and one that storms. */
export class EndingSystem implements AsyncDisposable {
  readonly holder: Child<HolderOrder, HolderWord>;
  readonly storm: Child<StormOrder, StormWord>;
  /** Process ids by name. */
  readonly pids: Readonly<Record<string, number>>;
  readonly #adminSocket: string;
  /** One for so many streams as a connection may have. */
  readonly #channels: RpcChannel[] = [];
  #streams = 0;
  #ending: Promise<ReadonlySet<string>> | undefined;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: AsyncDisposableStack,
    made: Pick<EndingSystem, "holder" | "storm" | "pids"> & { readonly adminSocket: string },
  ) {
    this.holder = made.holder;
    this.storm = made.storm;
    this.pids = made.pids;
    this.#adminSocket = made.adminSocket;
    this.#parts = parts;
  }

  /** `sessions`: how many the database is to bear. */
  static async start(sessions: number): Promise<EndingSystem> {
    await using parts = new AsyncDisposableStack();
    const directory = mkdtempSync(join(tmpdir(), "mayfly-ends-"));
    parts.defer(() => rmSync(directory, { recursive: true, force: true }));
    const cluster = parts.use(
      await LeaseCluster.start({ durable: true, settings: { max_connections: String(sessions + 300) } }),
    );
    const server = parts.use(
      await MayflyServer.start({
        gateways: [id("/gateway")],
        brokers: [id("/broker")],
        rate_limit: { attestation: 0, signing: 0 },
        log_level: "warn",
      }),
    );
    const agent = parts.use(await MayflyAgent.start(server));
    const admin = RpcChannel.open({ address: `unix://${server.adminSocket}` });
    parts.defer(() => admin.close());
    await addOperator(admin, "dana");
    await admin.unary(mayflyProfilesService.methods.CreateProfile, {
      name: "bot",
      owner: "dana",
      tier: "T2",
      ceiling_json: scope,
      selectors: [uid],
      expires_at_ms: String(Date.now() + 3_600_000),
      parent_id: agent.id,
    });
    const holder = parts.use(new Child<HolderOrder, HolderWord>(holderProgram, [server.adminSocket]));
    const storm = parts.use(new Child<StormOrder, StormWord>(stormProgram));
    const ready = await holder.word();
    const toolsUrl = "tools" in ready ? ready.tools : "";
    const service = { directory, server, agent };
    const gateway = parts.use(
      await startService({ ...service, name: "gateway", settings: gatewaySettings(directory, toolsUrl) }),
    );
    const broker = parts.use(
      await startService({ ...service, name: "broker", settings: brokerSettings(directory, cluster) }),
    );
    holder.tell({ places: { gateway: `https://127.0.0.1:${String(gateway.port)}`, brokerPort: broker.port } });
    const postgres = Number(
      readFileSync(join(cluster.postgres.login().host, "data", "postmaster.pid"), "utf8").split("\n")[0],
    );
    const pids = { server: server.pid, agent: agent.pid, gateway: gateway.pid, broker: broker.pid, postgres };
    return new EndingSystem(parts.move(), { holder, storm, pids, adminSocket: server.adminSocket });
  }

  /** Starts tasks and has the holder open sessions for each; gives their credentials. */
  async open(count: number): Promise<readonly Credential[]> {
    const tasks: HeldTask[] = [];
    let left = count;
    const admin = this.#channel(0);
    const one = async (): Promise<void> => {
      while (left-- > 0) {
        const request = { agent: "bot", owner: "dana", scope_json: scope, ttl_seconds: "2400" };
        const { task } = await admin.unary(mayflyTasksService.methods.StartTask, request);
        if (task !== null) tasks.push({ id: task.id, path: new URL(task.spiffe_id).pathname });
      }
    };
    await Promise.all(Array.from({ length: startsAtOnce }, one));
    this.holder.tell({ open: tasks });
    const word = await this.holder.word();
    if (!("opened" in word)) throw new Error("the holder said something else");
    return word.opened;
  }

  /** Resolves when it is quiet: the server's answer may come before, when it takes long. */
  async end(task: string): Promise<ProvenEnd> {
    const started = performance.now();
    const steps: Readonly<Record<string, number>>[] = [];
    const admin = this.#channel(Math.floor(this.#streams++ / streamsEach));
    for await (const { grant, summary } of admin.serverStream(mayflyTasksService.methods.EndTask, {
      id: task,
      reason: "completed",
    })) {
      if (grant?.kind === "lease")
        steps.push((JSON.parse(grant.evidence_json) as { detail: Record<string, number> }).detail);
      if (!summary) continue;
      if (!summary.quiet) await this.#quiet(task);
    }
    this.#streams -= 1;
    return { ms: performance.now() - started, steps };
  }

  /** One list for all that wait. */
  async #quiet(task: string): Promise<void> {
    do {
      this.#ending ??= this.#stillEnding().finally(() => (this.#ending = undefined));
    } while ((await this.#ending).has(task));
  }

  async #stillEnding(): Promise<ReadonlySet<string>> {
    await sleep(lookEveryMs);
    const ids = new Set<string>();
    for (let token = ""; ; ) {
      const request = { state: "ending", page_size: 1_000, page_token: token };
      const page = await this.#channel(0).unary(mayflyTasksService.methods.ListTasks, request);
      for (const { id: each } of page.tasks) ids.add(each);
      token = page.next_page_token;
      if (token === "") return ids;
    }
  }

  /** What the record says of the ends of these tasks: times of the server, from the commit. Waits until it says it of all. */
  async recorded(tasks: ReadonlySet<string>): Promise<readonly RecordedEnd[]> {
    for (;;) {
      const found: RecordedEnd[] = [];
      const request = { from: "0", to: "0", task_id: "" };
      for await (const { records } of this.#channel(0).serverStream(
        mayflyRecordsService.methods.ExportRecords,
        request,
      )) {
        for (const bytes of records) {
          const { kind, task = "", body } = parseRecord(bytes);
          if (kind !== "quiet" || !tasks.has(task)) continue;
          found.push({ healthyMs: Number(body["healthy_ms"]), fenceMs: Number(body["fence_ms"]) });
        }
      }
      if (found.length >= tasks.size) return found;
      await sleep(lookEveryMs);
    }
  }

  #channel(index: number): RpcChannel {
    return (this.#channels[index] ??= RpcChannel.open({ address: `unix://${this.#adminSocket}` }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await this.#parts.disposeAsync();
  }
}

interface Service {
  readonly name: "gateway" | "broker";
  readonly directory: string;
  readonly server: MayflyServer;
  readonly agent: MayflyAgent;
  readonly settings: Readonly<Record<string, unknown>>;
}

interface RunningService extends AsyncDisposable {
  readonly port: number;
  readonly pid: number;
}

async function startService({ name, directory, server, agent, settings }: Service): Promise<RunningService> {
  server.createEntry(`/${name}`, agent.id, [uid], "--wait");
  const file = join(directory, `${name}.yaml`);
  const common = {
    trust_domain: "example.org",
    server: server.address,
    listen: `127.0.0.1:${String(await freePort())}`,
    workload_socket: agent.socket,
    spiffe_id: id(`/${name}`),
  };
  writeFileSync(file, JSON.stringify({ ...common, ...settings }));
  const child = new Background([mayfly, name, "run", "--config", file]);
  const port = await until(
    () => `the ${name}: ${child.log}`,
    () => new RegExp(`${name}_listening port=(\\d+)`).exec(child.log)?.[1],
  );
  return { port: Number(port), pid: child.pid, [Symbol.asyncDispose]: () => child[Symbol.asyncDispose]() };
}

function gatewaySettings(directory: string, toolsUrl: string): Readonly<Record<string, unknown>> {
  writePolicies(join(directory, "policy"));
  return {
    data_dir: join(directory, "gateway"),
    policy: join(directory, "policy"),
    call_timeout: "60s",
    tool_servers: { orders: { url: toolsUrl, spiffe_id: id("/tool/orders"), tools: { slow: { effect: "read" } } } },
  };
}

function brokerSettings(directory: string, cluster: LeaseCluster): Readonly<Record<string, unknown>> {
  const { host, port, database } = cluster.postgres.login();
  const file = join(directory, "broker-password");
  writeFileSync(file, brokerPassword, { mode: 0o600 });
  return {
    tool_servers: [id("/tool/orders")],
    gateways: [id("/gateway")],
    targets: { orders: { host, port, database, user: "mayfly_broker", password_file: file, group: "readers" } },
  };
}
