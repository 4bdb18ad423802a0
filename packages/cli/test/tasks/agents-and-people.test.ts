// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { System } from "../mayfly.ts";
import { sshKey, startPeople } from "./task-people.ts";

let system: System;
beforeAll(async () => {
  system = await startPeople({ withAgent: false });
});
afterAll(() => system[Symbol.asyncDispose]());

describe("mayfly operator", () => {
  it("registers, lists, suspends, resumes and removes people", async () => {
    const key = `${sshKey(system, "kim")}.pub`;
    const roles = ["--role", "approver:/ops", "--role", "viewer"];
    const made = await system.json(
      "operator",
      "create",
      "kim",
      ...roles,
      "--key-file",
      key,
      "--alias",
      "kim@example.org",
    );
    expect(made).toMatchObject({
      name: "kim",
      state: "active",
      roles: [
        { role: "approver", prefix: "/ops" },
        { role: "viewer", prefix: "/" },
      ],
      keys: [readFileSync(key, "utf8").split(" ").slice(0, 2).join(" ")],
      aliases: ["kim@example.org"],
    });
    expect(await system.json("operator", "suspend", "kim")).toMatchObject({ state: "suspended" });
    expect(await system.json("operator", "resume", "kim")).toMatchObject({ state: "active" });
    expect((await system.run(["operator", "remove", "kim"])).stdout).toBe("kim is removed\n");
    const { operators } = await system.json<{ operators: { name: string; state: string }[] }>("operator", "list");
    expect(operators.map(({ name }) => name)).toEqual(expect.arrayContaining(["dana", "lee"]));
  });

  it("CFG-D01: takes no private key", async () => {
    const words = ["operator", "create", "max", "--role", "viewer", "--key-file", join(system.directory, "dana")];
    const { status, stderr } = await system.run(words);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: USAGE: .*is a private key\nhint: give the \.pub file/);
  });

  it("refuses a role that is none", async () => {
    const { status, stderr } = await system.run(["operator", "create", "max", "--role", "root"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/viewer, operator, approver, admin/);
  });
});

describe("mayfly agent-profile", () => {
  it("shows, updates the fields that are given, and keeps the others", async () => {
    const before = await system.json<Record<string, unknown>>("agent-profile", "show", "ops/refunds");
    expect(before).toMatchObject({ name: "ops/refunds", owner: "dana", backup: null, tier: "T2", state: "active" });
    const after = await system.json("agent-profile", "update", "ops/refunds", "--backup", "lee");
    const { revision } = after as { revision: number };
    expect(after).toEqual({ ...before, backup: "lee", revision });
    expect(revision).toBeGreaterThan(Number(before["revision"]));
    const { profiles } = await system.json<{ profiles: object[] }>("agent-profile", "list");
    expect(profiles).toEqual([after]);
  });

  it("asks for owner and end, and tells all that is missing at once", async () => {
    const { status, stderr } = await system.run(["agent-profile", "create", "ops/other", "--tier", "T0"]);
    expect(status).toBe(2);
    for (const name of ["--owner", "--ceiling", "--selector", "--expires-in or --expires-at"])
      expect(stderr).toContain(`missing: ${name}`);
  });

  it("tells every problem of a ceiling, before anything is sent", async () => {
    const ceiling = system.file("bad.yaml", "tools:\n  - { server: orders, tool: x, effect: harmless, colour: red }\n");
    const words = ["agent-profile", "create", "ops/other", "--owner", "dana", "--tier", "T0", "--ceiling", ceiling];
    const rest = ["--selector", "unix:uid:1", "--expires-in", "1h"];
    const { status, stderr } = await system.run([...words, ...rest]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: SCOPE_INVALID: .* has 2 problems\n/);
    expect(stderr).toMatch(/tools\[0\]\.colour: no such member/);
    expect(stderr).toMatch(/tools\[0\]\.effect: expected one of/);
  });

  it("suspends, resumes and retires for ever", async () => {
    const state = async (verb: string): Promise<unknown> =>
      await system.json("agent-profile", verb, "ops/refunds", "--reason", "test");
    expect(await state("suspend")).toMatchObject({ state: "suspended" });
    expect(await state("resume")).toMatchObject({ state: "active" });
    expect(await state("retire")).toMatchObject({ state: "retired" });
    const { status, stderr } = await system.run(["agent-profile", "resume", "ops/refunds"]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: [A-Z_]+: /);
  });
});
