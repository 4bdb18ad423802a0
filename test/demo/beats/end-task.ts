// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Beat, Story } from "../story.ts";
import { refusalOf } from "./refusal.ts";

interface EndedGrant {
  readonly kind: string;
  readonly state: string;
  readonly guard: string;
  readonly task_id: string;
  readonly evidence: { readonly method: string; readonly detail?: Readonly<Record<string, unknown>> } | null;
}

interface Summary {
  readonly task_ids: readonly string[];
  readonly grants: number;
  readonly stuck: number;
  readonly quiet: boolean;
  readonly healthy_ms: number;
  readonly fence_ms: number;
  readonly foreign_ms: number;
}

/** Everything that the task held goes away, and each piece is proven to be gone. */
export const endTask: Beat = {
  title: "The task ends, with its sub-task: each thing that it held is gone, with evidence",
  async run(story) {
    const { world } = story;
    const { id } = story.get("task");
    const [bot, scribe] = [story.get("bot"), story.get("scribe")];
    for (const each of [bot, scribe]) deepEqual(await each.ask({ do: "hold" }), { held: true });
    const sessions = world.database.leasedSessions();
    ok(sessions > 0, "there is no database session to be cut");
    const { status, stdout, stderr } = await world.mayfly(["task", "end", id, "--output", "json"]);
    equal(status, 0, stderr);
    const { grants, summary } = readEnd(stdout);
    equal(summary.quiet, true);
    equal(summary.stuck, 0);
    deepEqual([...summary.task_ids].toSorted(), [id, story.get("scribeTask")].toSorted());
    deepEqual([...new Set(grants.map(({ state }) => state))], ["gone"]);
    for (const kind of ["entry", "connection", "lease"])
      ok(
        grants.some((each) => each.kind === kind && each.evidence !== null),
        `no ${kind} in the table`,
      );
    deepEqual(world.database.leasedRoles(), []);
    equal(world.database.leasedSessions(), 0);
    return [
      `$ mayfly task end ${id}`,
      ...grantTable(grants),
      ...times(summary),
      `psql: 0 roles and 0 sessions of leases; before, ${String(sessions)} sessions`,
      ...(await cutOff(story)),
    ];
  },
};

function readEnd(stdout: string): { readonly grants: readonly EndedGrant[]; readonly summary: Summary } {
  const steps = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { grant?: EndedGrant; summary?: Summary });
  const summary = steps.at(-1)?.summary;
  ok(summary !== undefined, stdout);
  return { grants: steps.flatMap(({ grant }) => grant ?? []), summary };
}

function grantTable(grants: readonly EndedGrant[]): string[] {
  const rows = grants.map(({ kind, state, guard, task_id: task, evidence }) => {
    const { method = "", detail = {} } = evidence ?? {};
    const proof = ["login", "held", "sessions_cut", "role_absent", "agents_acknowledged"].flatMap((name) =>
      name in detail ? [`${name.replaceAll("_", " ")} ${String(detail[name])}`] : [],
    );
    const by = guard.split("/").slice(-1)[0] ?? "";
    return [kind, state, task, guard.includes("/spire/agent/") ? "node agent" : by, [method, ...proof].join(", ")];
  });
  return [["GRANT", "STATE", "TASK", "GUARD", "EVIDENCE"], ...rows].map(([kind = "", state = "", ...rest]) => {
    const [task = "", by = "", proof = ""] = rest;
    return `${kind.padEnd(11)} ${state.padEnd(6)} ${task.padEnd(19)} ${by.padEnd(11)} ${proof}`;
  });
}

function times({ healthy_ms: healthy, fence_ms: fence, foreign_ms: foreign, grants }: Summary): string[] {
  return [
    `time to quiet  healthy  ${healthy.toFixed(0)} ms: all ${String(grants)} grants proven to be gone`,
    `               fence    ${fence.toFixed(0)} ms: until a guard that is silent refuses by itself (0 = none is silent)`,
    `               foreign  ${(foreign / 60_000).toFixed(1)} min: until the last certificate ends for those who know nothing of us`,
  ];
}

/** What the agents meet now. */
function cutOff(story: Story): Promise<string[]> {
  const agents = [
    ["ir-bot", story.get("bot")],
    ["ir-bot/scribe", story.get("scribe")],
  ] as const;
  return Promise.all(
    agents.map(async ([name, agent]) => {
      const { event } = await agent.next("word that its connection closed");
      equal(event, "connection-closed");
      const svid = await agent.ask({ do: "svid" });
      ok(svid["error"] !== undefined, "it still gets an identity");
      const call = refusalOf(await agent.ask({ do: "call", tool: "query", arguments: {} }));
      ok(call !== undefined, "it still gets an answer");
      return `${name}: held mTLS connection closed, no new identity, next call -> ${call}`;
    }),
  );
}
