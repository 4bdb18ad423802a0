// SPDX-License-Identifier: Apache-2.0
import { agentService, type EndSummary, entryService, type GrantMessage, mayflyTasksService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idOf, refusal } from "../server-under-test.ts";
import { ExportedLog } from "./exported-log.ts";
import { GuardUnderTest, SyncUnderTest } from "./guard-under-test.ts";
import { addOperator, codeOf, TaskWorld, until } from "./task-world.ts";

describe("kill", () => {
  let world: TaskWorld;
  beforeAll(async () => {
    world = await TaskWorld.start();
  });
  afterAll(async () => {
    await world[Symbol.asyncDispose]();
  });

  async function killed(
    kind: string,
    what: string,
    timeoutMs = 10_000,
  ): Promise<{ readonly grants: readonly GrantMessage[]; readonly summary: EndSummary }> {
    const grants: GrantMessage[] = [];
    const request = { kind, what, why: "test" };
    for await (const step of world.admin.serverStream(mayflyTasksService.methods.Kill, request, { timeoutMs })) {
      if (step.grant) grants.push(step.grant);
      if (step.summary) return { grants, summary: step.summary };
    }
    throw new Error("no summary");
  }

  it("of a plain identity deletes its entries, waits for the agents that held them, and says what was cut", async () => {
    const node = await world.under.agent();
    const channel = world.under.as(node);
    const sync = new SyncUnderTest(channel);
    const entries = [];
    for (const value of ["uid:7", "uid:8"]) {
      const selectors = [{ type: "unix", value }];
      const fields = { spiffe_id: idOf("/web"), parent_id: node.id, selectors, x509_svid_ttl: 120 };
      entries.push(await world.under.entry(fields));
    }
    const other = await world.under.entry({ spiffe_id: idOf("/web/below"), parent_id: node.id });
    const ids = entries.map(({ id }) => id);
    await until(() => [...ids, other.id].every((id) => sync.entries.has(id)));
    const { grants, summary } = await killed("spiffe-id", "spiffe://example.org/web");
    expect(sync.entries.has(other.id)).toBe(true);
    expect(ids.some((id) => sync.entries.has(id))).toBe(false);
    expect(grants.map(({ ref }) => ref).toSorted()).toEqual(ids.toSorted());
    for (const { evidence_json: json, task_id: task, kind, state } of grants) {
      expect({ task, kind, state }).toEqual({ task: "", kind: "entry", state: "gone" });
      expect(JSON.parse(json)).toMatchObject({ method: "entry-withdrawn", detail: { agents_acknowledged: 1 } });
    }
    // JWT-SVIDs live for five minutes by default, the X.509 ones of these entries for two.
    expect(summary).toMatchObject({ quiet: true, grants: 2, stuck: 0, task_ids: [], fence_ms: 0, foreign_ms: 300_000 });
    const on = `spiffe://example.org${node.id.path}`;
    expect(summary.cut).toEqual(ids.map((id) => `entry ${id} on ${on} is deleted`));
    const gone = await refusal(world.admin.unary(entryService.methods.GetEntry, { id: ids[0] ?? "" }));
    expect(gone.message).toContain("not found");
    const { records } = await ExportedLog.from(world.admin);
    const kill = records
      .filter(({ kind }) => kind === "kill")
      .map(({ phase, body }) => [phase, body["act"] ?? body["count"]]);
    expect(kill).toEqual([
      ["intent", "withdraw"],
      ["outcome", 2],
    ]);
    expect(records.filter(({ kind, body }) => kind === "grant" && ids.some((id) => id === body["grant"]))).toHaveLength(
      2,
    );
    sync.stop();
    expect(await codeOf(killed("spiffe-id", "spiffe://example.org/web"))).toBe("KILL_TARGET_UNKNOWN");
  });

  it("of a plain identity is not quiet while an agent that holds it says nothing, and tells for how long", async () => {
    const node = await world.under.agent();
    const channel = world.under.as(node);
    const [sync, guard] = [new SyncUnderTest(channel), new GuardUnderTest(channel, "agent")];
    const { id } = await world.under.entry({ spiffe_id: idOf("/mute"), parent_id: node.id, x509_svid_ttl: 900 });
    await until(() => sync.entries.has(id) && guard.beats > 0);
    sync.acknowledges = false;
    guard.sleep();
    const { grants, summary } = await killed("spiffe-id", "spiffe://example.org/mute", 5_000);
    expect(grants).toEqual([]);
    expect(summary).toMatchObject({ quiet: false, grants: 1, stuck: 1, fence_ms: 900_000, foreign_ms: 900_000 });
    sync.stop();
    guard.stop();
  });

  it("of a node ends its tasks and bans it, and of an agent suspends it", async () => {
    const node = await world.under.agent();
    const nodeId = `spiffe://example.org${node.id.path}`;
    const channel = world.under.as(node);
    const guard = new GuardUnderTest(channel, "agent");
    const task = await world.startTask({ parent_node_id: nodeId });
    await world.under.entry({ spiffe_id: idOf("/beside"), parent_id: node.id, x509_svid_ttl: 7200 });
    await until(() => guard.state(task.id) === "active");
    const { grants, summary } = await killed("node", nodeId);
    expect(grants).toMatchObject([{ kind: "entry", task_id: task.id, state: "gone" }]);
    expect(summary).toMatchObject({ quiet: true, task_ids: [task.id] });
    expect(summary.cut).toEqual([
      `node ${nodeId} is banned: 1 other registration entries are not served there any more`,
    ]);
    // What is left is the SVID that the node itself may have given to the other identity.
    expect(summary.foreign_ms).toBeGreaterThanOrEqual(7_200_000);
    expect(await guard.over).toMatchObject({ code: 7 });
    const { banned } = await world.admin.unary(agentService.methods.GetAgent, { id: node.id });
    expect(banned).toBe(true);
    const again = await refusal(channel.unary(entryService.methods.GetAuthorizedEntries, {}));
    expect(again).toMatchObject({ code: 7, reason: "AGENT_BANNED" });

    const { summary: agent } = await killed("agent", "ops/bot");
    expect(agent).toMatchObject({ quiet: true, cut: ["agent ops/bot is suspended"] });
    expect(await codeOf(killed("agent", "ops/none"))).toBe("KILL_TARGET_UNKNOWN");
    expect(await codeOf(killed("node", "spiffe://example.org/spire/agent/none"))).toBe("KILL_TARGET_UNKNOWN");
    expect(await codeOf(killed("spiffe-id", "spiffe://example.org/nothing"))).toBe("KILL_TARGET_UNKNOWN");
    expect(await codeOf(killed("spiffe-id", "spiffe://other.org/web"))).toContain("another trust domain");
  });

  it("of a node or a plain identity is for administrators of all agents", async () => {
    const fields = { spiffe_ids: ["spiffe://example.org/omar"], roles: [{ role: "operator", prefix: "/" }] };
    await addOperator(world.admin, "omar", [], fields);
    const omar = world.under.as(await world.under.mint("/omar", 300));
    const entry = await world.under.entry({ spiffe_id: idOf("/kept"), parent_id: idOf("/spire/agent/x") });
    const kill = async (kind: string, what: string): Promise<void> => {
      for await (const step of omar.serverStream(mayflyTasksService.methods.Kill, { kind, what, why: "" })) void step;
    };
    expect(await codeOf(kill("spiffe-id", "spiffe://example.org/kept"))).toBe("NOT_ALLOWED");
    expect(await codeOf(kill("node", `spiffe://example.org${world.node.id.path}`))).toBe("NOT_ALLOWED");
    expect(await world.admin.unary(entryService.methods.GetEntry, { id: entry.id })).toMatchObject({ id: entry.id });
  });
});
