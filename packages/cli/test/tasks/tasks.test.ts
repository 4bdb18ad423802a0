// SPDX-License-Identifier: Apache-2.0
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { System } from "../mayfly.ts";
import { type PrintedTask, startPeople, startTask } from "./task-people.ts";

const main = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
let system: System;
beforeAll(async () => {
  system = await startPeople();
  // Whoever runs the tests has another identity besides, as on a real machine.
  await identify("spiffe://example.org/another");
});
afterAll(() => system[Symbol.asyncDispose]());

/** Gives an identity to all processes of this user. */
async function identify(id: string): Promise<void> {
  const uid = String(process.getuid?.() ?? 0);
  const entry = ["--spiffe-id", id, "--parent-id", system.agentId, "--selector", `unix:uid:${uid}`, "--wait"];
  await system.json("entry", "create", ...entry);
}

function documents(stdout: string): Record<string, unknown>[] {
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe("mayfly task", () => {
  it("starts with the ticket in a file and nowhere else; lists and shows", async () => {
    const file = join(system.directory, "tickets", "first");
    const scope = join(system.directory, "scope.json");
    const words = ["--agent", "ops/refunds", "--owner", "dana", "--scope", scope, "--ttl", "10m"];
    const { status, stdout } = await system.run(["task", "start", ...words, "--ticket-file", file]);
    expect(status).toBe(0);
    const ticket = readFileSync(file, "utf8").trim();
    expect(ticket.length).toBeGreaterThan(30);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(stdout).not.toContain(ticket);
    const id = /^Task +(t-[a-z2-7]{16})$/m.exec(stdout)?.[1] ?? "";
    const { tasks } = await system.json<{ tasks: PrintedTask[] }>("task", "list", "--state", "active");
    expect(tasks).toEqual([expect.objectContaining({ id, state: "active", reason: null, parent_id: null })]);
    const shown = await system.json<{ task: object; grants: object[] }>("task", "show", id);
    expect(shown.task).toMatchObject({
      scope: { tools: [{ tool: "orders.query" }, { arguments: { amount: { max: 100 } } }] },
    });
    expect(shown.grants).toEqual([expect.objectContaining({ kind: "entry", state: "live", evidence: null })]);
  });

  it("prints the ticket where no file is named: it is what was asked for", async () => {
    const scope = join(system.directory, "scope.json");
    const words = ["--agent", "ops/refunds", "--owner", "dana", "--scope", scope, "--ttl", "10m"];
    const started = await system.json<{ ticket: string; ticket_expires_at: string }>("task", "start", ...words);
    expect(started.ticket.length).toBeGreaterThan(30);
    expect(Date.parse(started.ticket_expires_at)).toBeGreaterThan(Date.now());
  });

  it("delegates under the task's own SVID, shows the tree, and ends all of it with evidence and times", async () => {
    const ticketFile = join(system.directory, "parent-ticket");
    const parent = await startTask(system, ticketFile);
    const scope = system.file("child.yaml", "tools: [{ server: orders, tool: orders.query, effect: read }]");
    const mayfly = [process.execPath, main];
    const child = ["task", "delegate", "--server", system.address, "--scope", scope, "--ttl", "5m", "--output", "json"];
    const ran = await system.run(["task", "exec", "--ticket-file", ticketFile, "--", ...mayfly, ...child]);
    expect(ran.stderr).toBe("");
    const started = JSON.parse(ran.stdout) as { task: PrintedTask };
    expect(started.task).toMatchObject({ parent_id: parent.id, depth: 1, requested_by: parent.spiffe_id });
    const tree = await system.json("task", "tree", parent.id);
    expect(tree).toMatchObject({ id: parent.id, open_grants: 1, children: [{ id: started.task.id, children: [] }] });
    expect((await system.run(["task", "tree", parent.id])).stdout).toMatch(new RegExp(`^└─ ${started.task.id}`, "m"));

    const { status, stdout } = await system.run(["task", "end", parent.id, "--as", "cancelled", "--output", "json"]);
    expect(status).toBe(0);
    const steps = documents(stdout);
    const ended = steps.slice(0, -1).map(({ grant }) => grant as { task_id: string; evidence: object });
    expect(ended.map(({ task_id }) => task_id).toSorted()).toEqual([parent.id, started.task.id].toSorted());
    for (const grant of ended)
      expect(grant).toMatchObject({ kind: "entry", state: "gone", evidence: { method: "entry-withdrawn" } });
    const summary = steps.at(-1)?.["summary"];
    expect(summary).toMatchObject({ quiet: true, grants: 2, stuck: 0, fence_ms: 0 });
    expect(Object.keys(summary as object)).toEqual(expect.arrayContaining(["healthy_ms", "fence_ms", "foreign_ms"]));
    const { task } = await system.json<{ task: PrintedTask }>("task", "show", parent.id);
    expect(task).toMatchObject({ state: "ended", reason: "cancelled" });
  });

  it("a child asks for more than its parent has: refused with the code", async () => {
    const ticketFile = join(system.directory, "narrow-ticket");
    await startTask(system, ticketFile);
    const scope = system.file("wide.yaml", "tools: [{ server: orders, tool: orders.drop, effect: read }]");
    const child = ["task", "delegate", "--server", system.address, "--scope", scope, "--ttl", "5m"];
    const exec = ["task", "exec", "--ticket-file", ticketFile, "--", process.execPath, main, ...child];
    const { status, stderr } = await system.run(exec);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: SCOPE_WIDENS: /);
  });

  it("starts nothing where the ticket can't be written", async () => {
    const list = async (): Promise<number> => (await system.json<{ tasks: object[] }>("task", "list")).tasks.length;
    const before = await list();
    const scope = join(system.directory, "scope.json");
    const words = ["--agent", "ops/refunds", "--owner", "dana", "--scope", scope, "--ttl", "10m"];
    const { status, stderr } = await system.run(["task", "start", ...words, "--ticket-file", system.directory]);
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^error: FILE_NOT_WRITTEN: /) as string,
    });
    expect(await list()).toBe(before);
  });

  it("suspends and resumes", async () => {
    const task = await startTask(system, join(system.directory, "t3"));
    const { stdout } = await system.run(["task", "suspend", task.id, "--reason", "odd"]);
    expect(stdout).toBe(`${task.id} is suspended\n`);
    expect(await system.json("task", "resume", task.id)).toMatchObject({ task: { state: "active" } });
  });

  it("a person acts over mTLS by the SVID of this process, with the roles of that identity alone", async () => {
    const id = "spiffe://example.org/operator/vera";
    await identify(id);
    const asVera = (...words: readonly string[]): ReturnType<System["run"]> =>
      system.run([...words, "--server", system.address, "--identity", id, "--output", "json"]);
    const stranger = await asVera("task", "list");
    expect(stranger).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/PERMISSION_DENIED|NOT_ALLOWED/) as string,
    });
    await system.json("operator", "create", "vera", "--role", "viewer", "--spiffe-id", id);
    const seen = await asVera("task", "list");
    expect(seen).toMatchObject({ status: 0, stderr: "" });
    const nobody = ["--identity", "spiffe://example.org/operator/nobody"];
    const other = await system.run(["task", "list", "--server", system.address, ...nobody]);
    expect(other).toMatchObject({ status: 1, stderr: expect.stringContaining("NO_IDENTITY") as string });
    const refused = await asVera("kill", "agent", "ops/refunds", "--reason", "x");
    expect(refused).toMatchObject({ status: 1, stdout: "", stderr: expect.stringContaining("NOT_ALLOWED") as string });
  });

  it("ends with 3 where nobody listens at --server", async () => {
    const { status, stderr } = await system.run(["task", "list", "--server", "127.0.0.1:1"]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/^error: SERVER_UNREACHABLE: /);
  });
});

describe("mayfly kill", () => {
  it("an agent: its tasks end, its profile is held, and the table says how", async () => {
    const task = await startTask(system, join(system.directory, "t4"));
    const { status, stdout } = await system.run(["kill", "agent", "ops/refunds", "--reason", "rogue"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^entry +gone +${task.id} .*entry-withdrawn`, "m"));
    expect(stdout).toMatch(/^ {2}healthy +\d/m);
    expect(stdout).toMatch(/^ {2}fence +0 ms {2}no guard is silent$/m);
    expect(stdout).toMatch(/^ {2}foreign +\d/m);
    expect(await system.json("agent-profile", "show", "ops/refunds")).toMatchObject({ state: "suspended" });
  });

  it("asks for a reason, and refuses what there is not without a table", async () => {
    expect((await system.run(["kill", "task", "t-aaaaaaaaaaaaaaaa"])).status).toBe(2);
    const { status, stdout, stderr } = await system.run(["kill", "task", "t-aaaaaaaaaaaaaaaa", "--reason", "x"]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
    expect(stderr).toMatch(/^error: TASK_UNKNOWN: /);
  });
});
