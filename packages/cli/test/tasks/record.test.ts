// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createNoteSigner } from "@mayfly/journal";
import { mayflyCallsService, type RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mayfly, type Outcome, type System } from "../mayfly.ts";
import { openAs, type PrintedTask, startPeople, startTask, statedCall } from "./task-people.ts";

let system: System;
let task: PrintedTask;
let vkey: string;
beforeAll(async () => {
  system = await startPeople({ withAgent: false });
  task = await startTask(system, join(system.directory, "ticket"));
  const gateway = await openAs(system, "/gateway");
  await call(gateway);
  gateway.close();
  vkey = (await system.run(["log", "checkpoint", "--vkey"])).stdout.trim();
});
afterAll(() => system[Symbol.asyncDispose]());

/** One call that is made, one that is denied. */
async function call(gateway: RpcChannel): Promise<void> {
  const { BeginCall, FinishCall, RecordDenial } = mayflyCallsService.methods;
  const { call_id } = await gateway.unary(BeginCall, statedCall(task, "orders.query", "{}"));
  await gateway.unary(FinishCall, { call_id, outcome: "done", detail: "OK", duration_ms: 1 });
  const denied = statedCall(task, "orders.refund", '{"amount":4000}');
  await gateway.unary(RecordDenial, { call: denied, code: "OVER_LIMIT", message: "amount", requestable: true });
}

/** Without a server: nothing but the files and the key. */
function offline(...words: readonly string[]): Promise<Outcome> {
  return mayfly(words, { MAYFLY_SERVER_SOCKET: "/nowhere" });
}

async function exported(name: string): Promise<string> {
  const directory = join(system.directory, name);
  await system.json("log", "export", directory);
  return directory;
}

function entriesFile(directory: string): string {
  const bundles = join(directory, "tile", "entries", "000.p");
  return join(bundles, readdirSync(bundles).toSorted((a, b) => Number(b) - Number(a))[0] ?? "");
}

describe("mayfly log", () => {
  it("shows records in order, those of a task, those of a kind", async () => {
    const { stdout } = await system.run(["log", "show", "--output", "json"]);
    const records = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { index: number; kind: string });
    expect(records.map(({ index }) => index)).toEqual(records.map((_record, at) => at));
    const ofTask = (await system.run(["log", "show", "--task", task.id, "--kind", "call"])).stdout;
    expect(ofTask).toMatch(/call intent .*tool=orders\/orders\.query/);
    expect(ofTask).toMatch(/call outcome .*result=done/);
    expect(ofTask).not.toContain("operator");
  });

  it("AUD-D05: exported, it verifies offline with the key alone, and the next time against the checkpoint that was kept", async () => {
    const directory = await exported("sound");
    const kept = join(system.directory, "kept");
    const first = await offline("log", "verify", directory, "--vkey", vkey, "--save-checkpoint", kept);
    expect(first).toMatchObject({
      status: 0,
      stderr: "",
      stdout: expect.stringMatching(/^sound: all \d+ records/) as string,
    });
    await startTask(system, join(system.directory, "another"));
    const later = await exported("later");
    const again = await offline("log", "verify", later, "--vkey", vkey, "--trusted-checkpoint", kept);
    expect(again).toMatchObject({ status: 0, stderr: "" });
    const newest = join(later, "checkpoint");
    const back = await offline("log", "verify", directory, "--vkey", vkey, "--trusted-checkpoint", newest);
    expect(back).toMatchObject({ status: 1, stdout: expect.stringContaining("ROLLED_BACK") as string });
    expect(back.stderr).toMatch(/^error: LOG_NOT_SOUND: /);
  });

  it("AUD-D01: names the record that a byte was changed in", async () => {
    const directory = join(system.directory, "changed");
    cpSync(await exported("good"), directory, { recursive: true });
    const file = entriesFile(directory);
    const bytes = readFileSync(file);
    const second = 2 + bytes.readUInt16BE(0);
    bytes[second + 40] = (bytes[second + 40] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { status, stdout } = await offline("log", "verify", directory, "--vkey", vkey, "--output", "json");
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ sound: false, problems: [{ code: "RECORD_CHANGED", index: 1 }] });
  });

  it("AUD-D11: another key, or none, is not enough", async () => {
    const directory = await exported("keyed");
    expect((await offline("log", "verify", directory)).status).toBe(2);
    const other = createNoteSigner("example.org/mayfly-record", generateKeyPairSync("ed25519").privateKey).key;
    const { status, stdout } = await offline("log", "verify", directory, "--vkey", other.toString());
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringMatching(/^KEY_UNKNOWN: /) as string });
  });

  it("says that a directory is none, before anything of a log", async () => {
    const { status, stdout, stderr } = await offline("log", "verify", join(system.directory, "none"), "--vkey", vkey);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: FILE_UNREADABLE: .*ENOENT\nhint: mayfly log export writes one\n$/);
  });

  it("AUD-D01: proves one record by a receipt, and checks it offline", async () => {
    const shown = (await system.run(["log", "show", "--task", task.id, "--kind", "call", "--output", "json"])).stdout;
    const { id } = JSON.parse(shown.split("\n")[0] ?? "") as { id: string };
    const receipt = join(system.directory, "call.tlog-proof");
    expect((await system.run(["log", "prove", id, "--write", receipt])).status).toBe(0);
    const key = system.file("vkey", `${vkey}\n`);
    const { status, stdout } = await offline(
      "log",
      "prove",
      "--check",
      receipt,
      "--vkey-file",
      key,
      "--output",
      "json",
    );
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      proven: true,
      record: { id, kind: "call", phase: "outcome", task: task.id },
    });
    writeFileSync(receipt, readFileSync(receipt, "utf8").replace(/^index \d+/m, "index 0"));
    const forged = await offline("log", "prove", "--check", receipt, "--vkey-file", key);
    expect(forged).toMatchObject({
      status: 1,
      stdout: "",
      stderr: expect.stringMatching(/^error: PROOF_INVALID: /) as string,
    });
  });

  it("prints a checkpoint that is a signed note, and nothing else", async () => {
    const { stdout } = await system.run(["log", "checkpoint", "--note"]);
    expect(stdout).toMatch(/^example\.org\/mayfly-record\n\d+\n\S+\n\n— example\.org\/mayfly-record \S+\n$/);
    expect(await system.json("log", "checkpoint")).toMatchObject({ origin: "example.org/mayfly-record", vkey });
  });
});

describe("mayfly evidence", () => {
  interface Control {
    readonly id: string;
    readonly standing: string;
    readonly shown: readonly { readonly says: string; readonly count: number; readonly last_index: number | null }[];
  }

  it("counts what the record shows, from the record", async () => {
    const { controls } = await system.json<{ controls: Control[] }>("evidence", "--framework", "owasp-agentic");
    const misuse = controls.find(({ id }) => id === "ASI02");
    expect(misuse?.standing).toBe("shown");
    expect(misuse?.shown.map(({ says, count }) => `${String(count)} ${says}`)).toEqual(
      expect.arrayContaining([
        "1 calls let through, recorded before they were made",
        "1 calls denied",
        "1 denials that a person could turn",
        "0 tools quarantined after a change",
      ]),
    );
    const last = misuse?.shown.find(({ says }) => says === "calls denied")?.last_index;
    const { stdout } = await system.run(["log", "show", "--from", String(last), "--to", String(Number(last) + 1)]);
    expect(stdout).toMatch(/decision event .*decision=deny .*tool=orders\/orders\.refund/);
  });

  it.each(["owasp-agentic", "maestro", "nist-ai-rmf", "csf"])("%s: says plainly what is not covered", async (name) => {
    const { stdout } = await system.run(["evidence", "--framework", name]);
    const { controls } = await system.json<{ controls: Control[] }>("evidence", "--framework", name);
    const uncovered = controls.filter(({ standing }) => standing === "not-covered").map(({ id }) => id);
    expect(stdout.trim().split("\n").at(-1)).toBe(
      `not covered: ${uncovered.length === 0 ? "none" : uncovered.join(", ")}`,
    );
  });
});

describe("mayfly inventory", () => {
  it("tells owner, last use, and what was granted and never used", async () => {
    const inventory = await system.json<Record<string, unknown>>("inventory");
    expect(inventory["agents"]).toEqual([
      expect.objectContaining({
        name: "ops/refunds",
        standing: "registered",
        owner: "dana",
        owner_active: true,
        granted_never_used: ["orders/orders.refund"],
        used: [expect.objectContaining({ tool: "orders/orders.query", calls: 1 })],
      }),
    ]);
    expect(inventory).toMatchObject({ leases: { open: 0, stuck: 0, gone: 0 }, absent_owners: [] });
  });

  it("names owners who are not active any more", async () => {
    await system.json("operator", "suspend", "dana");
    expect(await system.json("inventory")).toMatchObject({
      absent_owners: ["dana"],
      agents: [{ owner_active: false }],
    });
    await system.json("operator", "resume", "dana");
  });
});
