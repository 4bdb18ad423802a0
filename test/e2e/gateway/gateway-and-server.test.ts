// SPDX-License-Identifier: Apache-2.0
// The gateway with the real server, a real MCP tool server and a real MCP client; each with an SVID of that server.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRecord } from "@mayfly/journal";
import {
  bundleService,
  type GrantMessage,
  mayflyApprovalsService,
  mayflyRecordsService,
  mayflyTasksService,
  type TaskMessage,
} from "@mayfly/rpc";
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { Certificate } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, startGateway } from "../../../packages/gateway/src/index.ts";
import { connectClient, denialOf, type RawAgent, rawAgent } from "../../../packages/gateway/test/world/agent.ts";
import { startToolServer, type TestToolServer } from "../../../packages/gateway/test/world/tool-server.ts";
import { configOf, configValues, usualScope, writePolicies } from "../../../packages/gateway/test/world/world.ts";
import { TaskWorld } from "../../../packages/server/test/tasks/task-world.ts";
import { silentLogger } from "../../../packages/telemetry/src/index.ts";

let world: TaskWorld;
let tools: TestToolServer;
let gateway: RunningGateway;
const directory = mkdtempSync(join(tmpdir(), "mayfly-e2e-gateway-"));

async function sourceOf(path: string): Promise<X509Source> {
  const { chain, privateKey } = await world.under.mint(path, 600);
  const { x509_authorities } = await world.admin.unary(bundleService.methods.GetBundle, {});
  const authorities = x509_authorities.map(({ asn1 }) => Certificate.parse(asn1));
  const bundles = BundleSet.of(new X509Bundle(TrustDomain.parse("example.org"), authorities));
  const certificates = chain.map((der) => Certificate.parse(der));
  return X509Source.of({ svids: [X509Svid.of(certificates, privateKey)], bundles, crls: [] });
}

beforeAll(async () => {
  world = await TaskWorld.start();
  await world.addProfile("support", "T2", { ceiling_json: JSON.stringify(usualScope) });
  tools = await startToolServer("/nowhere", await sourceOf("/tool/orders"));
  writePolicies(join(directory, "policy"));
  const server = `127.0.0.1:${String(world.under.server.address.port)}`;
  const config = configOf(configValues(directory, tools.url, server));
  gateway = await startGateway(config, { source: await sourceOf("/gateway"), log: silentLogger });
  await gateway.ready;
});
afterAll(async () => {
  await gateway.stop();
  await tools[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

async function start(
  scope: object = usualScope,
): Promise<{ task: TaskMessage; agent: RawAgent; source: X509Source; url: string }> {
  const task = await world.startTask({ agent: "support", scope_json: JSON.stringify(scope) });
  const path = new URL(task.spiffe_id).pathname;
  const source = await sourceOf(path);
  const url = `https://127.0.0.1:${String(gateway.port)}`;
  return { task, source, url, agent: rawAgent({ url }, path, source) };
}

async function recordOf(task: string): Promise<{ kind: string; phase: string; id: string; text: string }[]> {
  const found: { kind: string; phase: string; id: string; text: string }[] = [];
  for await (const page of world.admin.serverStream(mayflyRecordsService.methods.ExportRecords, { task_id: task })) {
    for (const bytes of page.records) {
      const { kind, phase, id } = parseRecord(bytes);
      found.push({ kind, phase, id, text: Buffer.from(bytes).toString() });
    }
  }
  return found;
}

describe("the gateway and the server", () => {
  it("let a task call what it may, and record intent and outcome, denial and no argument", async () => {
    const { task, agent, source, url } = await start();
    const client = await connectClient({ url }, { path: "" }, source);
    const { tools: shown } = await client.listTools();
    expect(shown.map(({ name }) => name)).toEqual(["query", "refund", "slow", "fails", "region", "read_file"]);
    const result = await client.callTool({ name: "query", arguments: { table: "orders" } });
    expect(result.content).toEqual([{ type: "text", text: "rows of orders" }]);
    expect(denialOf(await agent.call("query", { table: "hush-hush" }))?.reason).toBe("ARGUMENT_OVER_LIMIT");
    expect(denialOf(await agent.call("no_such_tool"))?.reason).toBe("TOOL_UNKNOWN");
    const call = tools.statements.at(-1)?.call ?? "";
    await expect
      .poll(async () => (await recordOf(task.id)).filter(({ id }) => id === call).map(({ phase }) => phase))
      .toEqual(["intent", "outcome"]);
    // The export goes up to the last checkpoint.
    const denials = async (): Promise<string> =>
      (await recordOf(task.id)).map(({ kind, text }) => (kind === "decision" ? text : "")).join("");
    await expect.poll(denials).toContain("ARGUMENT_OVER_LIMIT");
    await expect.poll(denials).toContain("TOOL_UNKNOWN");
    const record = await recordOf(task.id);
    expect(JSON.stringify(record)).not.toContain("hush-hush");
    await client.close();
    agent[Symbol.dispose]();
  });

  it("let a call pass once after another person's signature, and no other call", async () => {
    const { agent } = await start();
    const over = { order: "7", amount: 4000 };
    const id = denialOf(await agent.call("refund", over))?.access_request?.id ?? "";
    const approval = await world.admin.unary(mayflyApprovalsService.methods.GetApproval, { id });
    expect(approval.arguments_json).toBe('{"amount":4000,"order":"7"}');
    await expect(world.decide(approval, world.dana)).rejects.toThrow();
    expect(denialOf(await agent.call("refund", over))?.access_request).toMatchObject({ id, status: "pending" });
    await world.decide(approval, world.lee);
    expect(
      denialOf(await agent.call("refund", { ...over, amount: 4001 }, { meta: { "mayfly/approval": id } }))?.reason,
    ).toBe("CALL_CHANGED");
    const passed = await agent.call("refund", over);
    expect(passed.json.result?.["content"]).toEqual([{ type: "text", text: "refunded 4000" }]);
    expect(tools.statements.at(-1)?.approval).toBe(id);
    expect(denialOf(await agent.call("refund", over, { meta: { "mayfly/approval": id } }))?.reason).toBe(
      "APPROVAL_CONSUMED",
    );
    agent[Symbol.dispose]();
  });

  it("spend a budget exactly, however many calls race for it", async () => {
    const { agent } = await start({
      tools: [
        { server: "orders", tool: "query", effect: "read", arguments: usualScope.tools[0]?.arguments, maxCalls: 3 },
      ],
    });
    const answers = await Promise.all(Array.from({ length: 12 }, () => agent.call("query", { table: "orders" })));
    const reasons = answers.map((each) => String(denialOf(each)?.reason));
    expect(reasons.filter((each) => each === "undefined")).toHaveLength(3);
    expect(reasons.filter((each) => each === "BUDGET_SPENT")).toHaveLength(9);
    agent[Symbol.dispose]();
  });

  it("cut a task's calls and connections when it ends, with evidence in the table of grants", async () => {
    const { task, agent } = await start();
    const held = tools.held.size;
    const failed = agent.call("slow").catch((error: unknown) => error);
    await expect.poll(() => tools.held.size).toBe(held + 1);
    const heldBy = async (): Promise<string[]> =>
      (await world.admin.unary(mayflyTasksService.methods.GetTask, { id: task.id })).grants.map(({ kind }) => kind);
    await expect.poll(heldBy).toContain("connection");
    const startedMs = performance.now();
    const grants: GrantMessage[] = [];
    const ending = (async () => {
      for await (const { grant, summary } of world.admin.serverStream(mayflyTasksService.methods.EndTask, {
        id: task.id,
        reason: "completed",
      })) {
        if (grant) grants.push(grant);
        if (summary) return summary;
      }
      return undefined;
    })();
    expect(await failed).toMatchObject({ code: "ECONNRESET" });
    expect(performance.now() - startedMs).toBeLessThan(1000);
    const refused = await agent.call("query", { table: "orders" });
    expect(refused.json.error?.data?.["reason"]).toBe("TASK_NOT_ACTIVE");
    const summary = await ending;
    expect(summary?.task_ids).toEqual([task.id]);
    const cut = grants.filter(({ kind }) => kind === "connection");
    expect(cut.map(({ state, guard }) => [state, guard])).toEqual([["gone", "spiffe://example.org/gateway"]]);
    expect(JSON.parse(cut[0]?.evidence_json ?? "")).toMatchObject({ method: "socket-closed" });
    await expect
      .poll(
        async () =>
          (await recordOf(task.id)).findLast(({ kind, phase }) => kind === "call" && phase === "outcome")?.text ?? "",
      )
      .toContain('"unknown"');
    agent[Symbol.dispose]();
  });

  it("do nothing for a task that the server does not know, and for a suspended one until it is resumed", async () => {
    const { task, agent } = await start();
    expect((await agent.call("query", { table: "orders" })).status).toBe(200);
    await world.admin.unary(mayflyTasksService.methods.SuspendTask, { id: task.id, why: "look" });
    await expect
      .poll(
        async () =>
          (await agent.call("query", { table: "orders" }).catch(() => undefined))?.json.error?.data?.["reason"],
      )
      .toBe("TASK_NOT_ACTIVE");
    await world.admin.unary(mayflyTasksService.methods.ResumeTask, { id: task.id, why: "fine" });
    await expect.poll(async () => (await agent.call("query", { table: "orders" })).status).toBe(200);
    agent[Symbol.dispose]();
  });
});
