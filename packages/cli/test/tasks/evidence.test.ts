// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { mayflyCallsService, mayflyLeasesService, mayflyTasksService, type RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SignalName, signals } from "../../src/evidence/signal.ts";
import { System } from "../mayfly.ts";
import { openAs, type PrintedTask, startPeople, startTask, statedCall } from "./task-people.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));

interface Row {
  readonly id: string;
  readonly coverage: string;
  readonly standing: string;
  readonly how: string;
  readonly shown: readonly { readonly says: string; readonly count: number; readonly last_index: number | null }[];
}

const names = ["owasp-agentic", "maestro", "nist-ai-rmf", "csf"] as const;
const { BeginCall, FinishCall, RecordDenial, RecordDecision, RequestApproval, PinTool } = mayflyCallsService.methods;
const { BeginLease, ReportLease, ReportUnmanaged } = mayflyLeasesService.methods;

async function rowsOf(system: System): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  for (const name of names) {
    const { controls } = await system.json<{ controls: Row[] }>("evidence", "--framework", name);
    for (const row of controls) rows.set(`${name} ${row.id}`, row);
  }
  return rows;
}

/** How often each signal is shown; a signal of several rows is shown alike in all. */
function countsOf(rows: ReadonlyMap<string, Row>): Map<string, { count: number; index: number | null }> {
  const counts = new Map<string, { count: number; index: number | null }>();
  for (const { shown } of rows.values()) {
    for (const { says, count, last_index: index } of shown) {
      expect(counts.get(says) ?? { count, index }, says).toEqual({ count, index });
      counts.set(says, { count, index });
    }
  }
  return counts;
}

/** How often each act is done below, and what `log show` says of its last record. */
const expected: Readonly<Record<Exclude<SignalName, "records">, readonly [count: number, line: RegExp]>> = {
  identities: [1, /issuance event .* serial=/],
  certificatesShown: [13, / serial=/],
  tasks: [3, /task intent .* act=start/],
  children: [1, /task intent .* act=start .*parent=t-/],
  tickets: [1, /task event .* decision=allow .*act=redeem-ticket/],
  ticketsRefused: [1, /task event .* decision=deny .*act=redeem-ticket/],
  calls: [4, /call intent .* decision=allow/],
  outcomes: [5, /call outcome .*result=/],
  callsDenied: [2, /call outcome .*result=refused/],
  toolsListed: [1, /decision event .* act=list/],
  requestable: [1, /decision event .* decision=deny .*requestable=true/],
  budgetsSpent: [1, /call outcome .*code=BUDGET_SPENT/],
  requestsRefused: [2, /decision event .* decision=deny .*method=mayfly/],
  policyBound: [12, / policy_digest=/],
  argumentDigests: [17, / args_digest=/],
  approvalsAsked: [3, /approval intent .* act=request/],
  approvalsGiven: [1, /approval intent .* by lee .*act=approve/],
  approvalsDenied: [1, /approval intent .* by lee .*act=deny/],
  approvalsExpired: [1, /approval event .* act=expire/],
  approvalsUsed: [1, /call intent .* approval=/],
  leases: [1, /lease intent .* act=begin/],
  leasesGone: [1, /grant event .* lease=.*state=gone/],
  unmanaged: [1, /lease event .* act=unmanaged/],
  grantsGone: [1, /grant event .* state=gone/],
  ends: [1, /task intent .* act=end/],
  kills: [1, /kill intent .* act=end/],
  quiet: [2, /quiet event .*healthy_ms=/],
  suspensions: [2, /(?:task|profile) intent .* act=suspend/],
  profiles: [2, /profile intent .* act=create/],
  profilesChanged: [2, /profile intent .* act=(?:suspend|resume)/],
  retired: [1, /profile intent .* act=retire/],
  operators: [2, /operator intent .* act=create/],
  operatorsChanged: [2, /operator intent .* act=(?:suspend|resume)/],
  toolsPinned: [1, /policy event .* act=pin-tool/],
  toolsQuarantined: [1, /policy event .* act=quarantine-tool/],
  toolsApproved: [1, /policy intent .* act=approve-tool/],
};
/** Counts that are as many as there is to count: one act at least. */
const several: readonly SignalName[] = [
  "certificatesShown",
  "identities",
  "policyBound",
  "argumentDigests",
  "grantsGone",
];

/** Does every act once or more, as agents, gateways, brokers and people do. */
class Acts {
  readonly #system: System;
  readonly #gateway: RpcChannel;
  readonly #broker: RpcChannel;
  readonly #task: PrintedTask;

  constructor(system: System, channels: { gateway: RpcChannel; broker: RpcChannel }, task: PrintedTask) {
    this.#system = system;
    this.#gateway = channels.gateway;
    this.#broker = channels.broker;
    this.#task = task;
  }

  async agents(): Promise<void> {
    const system = this.#system;
    const ceiling = join(system.directory, "scope.json");
    const fields = ["--owner", "dana", "--tier", "T1", "--ceiling", ceiling, "--selector", "unix:uid:1"];
    await system.json(
      "agent-profile",
      "create",
      "ops/old",
      ...fields,
      "--expires-in",
      "24h",
      "--parent-id",
      system.agentId,
    );
    for (const change of ["suspend", "resume", "retire"])
      await system.json("agent-profile", change, "ops/old", "--reason", "old");
    for (const change of ["suspend", "resume"]) await system.json("operator", change, "lee");
  }

  /** The task's own process delegates, under the SVID that its ticket gave it; the ticket is good once. */
  async process(ticketFile: string): Promise<void> {
    const scope = this.#system.file(
      "child.json",
      JSON.stringify({ tools: [{ server: "orders", tool: "orders.query", effect: "read" }] }),
    );
    const delegate = ["task", "delegate", "--server", this.#system.address, "--scope", scope, "--ttl", "5m"];
    const exec = ["task", "exec", "--ticket-file", ticketFile, "--", process.execPath, main, ...delegate];
    expect(await this.#system.run(exec)).toMatchObject({ status: 0 });
    expect((await this.#system.run(exec)).status).not.toBe(0);
  }

  /** A list, a read, three refunds of three that are allowed, one of them approved; the fourth, and one over the limit. */
  async calls(): Promise<void> {
    const of = { task_id: this.#task.id, svid_serial: "c0ffee", server: "orders", allowed: true };
    await this.#gateway.unary(RecordDecision, { ...of, kind: "list", shown: ["orders.query"], policy_ids: ["list"] });
    const query = await this.#call("orders.query", "{}");
    await this.#lease(query);
    await this.#finish(query);
    const call = statedCall(this.#task, "orders.refund", '{"amount":4000}');
    await this.#gateway.unary(RecordDenial, { call, code: "OVER_LIMIT", message: "amount", requestable: true });
    const approval_id = await this.#approval('{"amount":4000}', "approve");
    await this.#finish(await this.#call("orders.refund", '{"amount":4000}', approval_id));
    for (const amount of [1, 2]) await this.#finish(await this.#call("orders.refund", `{"amount":${String(amount)}}`));
    const spent = await this.#gateway.unary(BeginCall, statedCall(this.#task, "orders.refund", '{"amount":3}'));
    expect(spent.refusal).toBe("BUDGET_SPENT");
    await this.#approval('{"amount":5000}', "deny");
    await this.#ask('{"amount":6000}', "1");
    // What a gateway may not do.
    await expect(this.#gateway.unary(mayflyTasksService.methods.SuspendTask, { id: this.#task.id })).rejects.toThrow();
  }

  async tools(): Promise<void> {
    const pin = async (definition_json: string): Promise<string> => {
      const digest = `sha-256:${createHash("sha256").update(definition_json).digest("hex")}`;
      const tool = { server: "orders", tool: "orders.query", definition_digest: digest, definition_json };
      await this.#gateway.unary(PinTool, tool);
      return digest;
    };
    await pin('{"inputSchema":{"type":"object"},"name":"orders.query"}');
    const digest = await pin('{"description":"x","inputSchema":{"type":"object"},"name":"orders.query"}');
    await this.#system.json("tool", "approve", "orders/orders.query", "--digest", digest);
  }

  async ends(other: PrintedTask): Promise<void> {
    await this.#system.json("task", "suspend", other.id, "--reason", "odd");
    expect(await this.#system.run(["kill", "task", other.id, "--reason", "odd"])).toMatchObject({ status: 0 });
    expect(await this.#system.run(["task", "end", this.#task.id])).toMatchObject({ status: 0 });
  }

  async #lease(call: string): Promise<void> {
    const claims = { iss: "spiffe://example.org/gateway", task: this.#task.id, call, tool: "orders.query" };
    const statement = `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.e30`;
    const holder = "spiffe://example.org/tool/orders";
    const request = { statement, target: "orders", mode: "brokered", holder, ttl_seconds: "60" };
    const id = (await this.#broker.unary(BeginLease, request)).lease?.id ?? "";
    const evidence_json = JSON.stringify({ method: "verified-by-effect", detail: { login: "28000" } });
    await this.#broker.unary(ReportLease, { id, state: "gone", evidence_json });
    const account = { account: "old_app", last_activity_ms: "1", can_login: true, legacy: false };
    await this.#broker.unary(ReportUnmanaged, { target: "orders", accounts: [account] });
  }

  async #call(tool: string, args: string, approval_id = ""): Promise<string> {
    const call = { ...statedCall(this.#task, tool, args), approval_id };
    const { call_id, refusal } = await this.#gateway.unary(BeginCall, call);
    expect(refusal).toBe("");
    return call_id;
  }

  async #finish(call_id: string): Promise<void> {
    await this.#gateway.unary(FinishCall, { call_id, outcome: "done", detail: "", duration_ms: 1 });
  }

  async #ask(arguments_json: string, ttl_seconds: string): Promise<string> {
    const call = statedCall(this.#task, "orders.refund", arguments_json);
    return (await this.#gateway.unary(RequestApproval, { call, arguments_json, ttl_seconds })).approval_id;
  }

  async #approval(args: string, decision: "approve" | "deny"): Promise<string> {
    const id = await this.#ask(args, "300");
    const key = join(this.#system.directory, "lee");
    await this.#system.json("approval", decision, id, "--operator", "lee", "--key", key);
    return id;
  }
}

let system: System;
let before: Map<string, Row>;
let after: Map<string, Row>;
/** The whole record, a line each. */
let lines: string[];
beforeAll(async () => {
  await using fresh = await System.start();
  before = await rowsOf(fresh);
  system = await startPeople();
  const ticket = join(system.directory, "ticket");
  const task = await startTask(system, ticket);
  const other = await startTask(system, join(system.directory, "other"));
  using gateway = await openAs(system, "/gateway");
  using broker = await openAs(system, "/broker");
  const acts = new Acts(system, { gateway, broker }, task);
  await acts.agents();
  await acts.process(ticket);
  await acts.calls();
  await acts.tools();
  // The server looks for approvals that ran out twice a minute.
  const showsExpired = async (): Promise<boolean> => (await shown("--kind", "approval")).includes("act=expire");
  while (!(await showsExpired())) await new Promise((resolve) => setTimeout(resolve, 1_000));
  await acts.ends(other);
  after = await rowsOf(system);
  lines = (await shown()).split("\n");
}, 300_000);
afterAll(() => system[Symbol.asyncDispose]());

async function shown(...words: readonly string[]): Promise<string> {
  return (await system.run(["log", "show", ...words])).stdout;
}

describe("mayfly evidence", () => {
  it("shows nothing for any row of a server on which nothing happened, and says what is not covered", () => {
    expect(before.size).toBeGreaterThan(30);
    for (const [name, { coverage, standing, shown: signs }] of before) {
      expect([name, standing]).toEqual([name, coverage === "none" ? "not-covered" : "claimed"]);
      expect(signs.every(({ count }) => count === 0)).toBe(true);
    }
  });

  it("shows every row that it claims once its acts were done, and no other", () => {
    for (const [name, { coverage, standing, shown: signs }] of after) {
      expect([name, standing]).toEqual([name, coverage === "none" ? "not-covered" : "shown"]);
      // Not one act that a row names is without its evidence.
      expect([name, signs.filter(({ count }) => count === 0)]).toEqual([name, []]);
    }
  });

  it.each(Object.entries(expected))("%s: as often as it was done, and its record says so", (name, [count, line]) => {
    const { says } = signals[name as SignalName];
    const found = countsOf(after).get(says);
    expect(found, `no row shows ${name}`).toBeDefined();
    if (several.includes(name as SignalName)) expect(found?.count).toBeGreaterThanOrEqual(1);
    else expect(found?.count).toBe(count);
    const index = Number(found?.index);
    expect(lines[index]).toMatch(new RegExp(`^ *${String(index)} `));
    expect(lines[index]).toMatch(line);
  });
});
