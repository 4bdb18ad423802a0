// SPDX-License-Identifier: Apache-2.0
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { mayflyCallsService, type RpcChannel } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mayfly, type System } from "../mayfly.ts";
import { openAs, type PrintedTask, startPeople, startTask, statedCall } from "./task-people.ts";

let system: System;
let gateway: RpcChannel;
let task: PrintedTask;
beforeAll(async () => {
  system = await startPeople({ withAgent: false });
  gateway = await openAs(system, "/gateway");
  task = await startTask(system, join(system.directory, "ticket"));
});
afterAll(async () => {
  gateway.close();
  await system[Symbol.asyncDispose]();
});

const args = '{"amount":4000,"order":"o-7"}';

async function ask(text = args): Promise<string> {
  const call = statedCall(task, "orders.refund", text);
  const request = { call, arguments_json: text, ttl_seconds: "300" };
  const { approval_id: id } = await gateway.unary(mayflyCallsService.methods.RequestApproval, request);
  return id;
}

async function begin(approvalId: string): Promise<string> {
  const call = { ...statedCall(task, "orders.refund", args), approval_id: approvalId };
  return (await gateway.unary(mayflyCallsService.methods.BeginCall, call)).refusal;
}

function keyOf(name: string): string {
  return join(system.directory, name);
}

describe("mayfly approval", () => {
  it("lists and shows the canonical arguments and which limit the call is over", async () => {
    const id = await ask();
    const { approvals } = await system.json<{ approvals: object[] }>("approval", "list", "--state", "pending");
    expect(approvals).toEqual([
      expect.objectContaining({ id, task_id: task.id, arguments: { amount: 4000, order: "o-7" }, state: "pending" }),
    ]);
    const { stdout } = await system.run(["approval", "show", id]);
    expect(stdout).toMatch(/^Arguments +"amount": 4000$/m);
    expect(stdout).toMatch(/^ +"order": "o-7"$/m);
    expect(stdout).toMatch(/^It changes +one call with exactly these arguments is let through, once$/m);
    expect(stdout).toMatch(/^ +amount is 4000, the task's limit is \{"max":100\}$/m);
    await system.json("approval", "deny", id, "--operator", "lee", "--key", keyOf("lee"));
  });

  it("APR-D03: another person approves with a key file; the call is made once", async () => {
    const id = await ask();
    const { status, stdout, stderr } = await system.run([
      "approval",
      "approve",
      id,
      "--operator",
      "lee",
      "--key",
      keyOf("lee"),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toMatch(new RegExp(`^${id} is approved$`, "m"));
    expect(await begin(id)).toBe("");
    expect(await begin(id)).toBe("APPROVAL_CONSUMED");
    expect(await system.json("approval", "show", id)).toMatchObject({ state: "consumed", approvers: ["lee"] });
  });

  it("APR-D01: the owner can't approve, nor can somebody by another's key", async () => {
    const id = await ask();
    const owner = await system.run(["approval", "approve", id, "--operator", "dana", "--key", keyOf("dana")]);
    expect(owner).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: (NOT_AN_APPROVER|APPROVER_IS_OWNER): /) as string,
    });
    const foreign = await system.run(["approval", "approve", id, "--operator", "lee", "--key", keyOf("dana")]);
    expect(foreign).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^error: KEY_NOT_REGISTERED: /) as string,
    });
    expect(await system.json("approval", "show", id)).toMatchObject({ state: "pending", approvers: [] });
    const denied = await system.json(
      "approval",
      "deny",
      id,
      "--operator",
      "lee",
      "--key",
      keyOf("lee"),
      "--reason",
      "no",
    );
    expect(denied).toMatchObject({ state: "denied" });
    expect(await begin(id)).toBe("APPROVAL_DENIED");
  });

  it("signs with the operator's key in ssh-agent, and says so where it is not there", async () => {
    const socket = join(system.directory, "agent.sock");
    const agent = spawn("ssh-agent", ["-D", "-a", socket], { stdio: ["ignore", "pipe", "ignore"] });
    try {
      await once(agent.stdout, "data");
      const env = { ...system.env, SSH_AUTH_SOCK: socket };
      const id = await ask();
      const words = ["approval", "approve", id, "--operator", "lee", "--output", "json"];
      const without = await mayfly(words, env);
      expect(without).toMatchObject({ status: 1, stderr: expect.stringContaining("NOT_SIGNED") as string });
      spawnSync("ssh-add", ["-q", keyOf("lee")], { env: { ...process.env, ...env } });
      const approved = await mayfly(words, env);
      expect(approved.stderr).toBe("");
      expect(JSON.parse(approved.stdout)).toMatchObject({ id, state: "approved", approvers: ["lee"] });
    } finally {
      agent.kill();
    }
  });

  it("takes a signature that was made elsewhere over exactly what show --payload prints", async () => {
    // The same call is asked about once; the one before is approved and not used yet.
    const id = await ask('{"amount":4001}');
    const { stdout: payload } = await system.run(["approval", "show", id, "--payload", "approve"]);
    expect(payload).toMatch(/^mayfly-approval\/v1\n\{.*\}$/);
    const sign = ["-Y", "sign", "-n", "mayfly-approval", "-f", keyOf("lee"), system.file("payload", payload)];
    expect(spawnSync("ssh-keygen", sign).status).toBe(0);
    const signature = readFileSync(join(system.directory, "payload.sig"), "utf8");
    const words = ["approval", "deny", id, "--operator", "lee", "--signature-file", "-"];
    const other = await system.run(words, signature);
    expect(other).toMatchObject({ status: 1, stderr: expect.stringMatching(/^error: BAD_SIGNATURE: /) as string });
    const words2 = ["approval", "approve", id, "--operator", "lee", "--signature-file", "-"];
    expect((await system.run(words2, signature)).status).toBe(0);
  });

  it("asks for the operator, and takes one way to sign", async () => {
    const { status, stderr } = await system.run(["approval", "approve", "a-1"]);
    expect(status).toBe(2);
    expect(stderr).toContain("--operator");
    const both = ["approval", "approve", "a-1", "--operator", "lee", "--key", "k", "--signature-file", "s"];
    expect(await system.run(both)).toMatchObject({ status: 2, stderr: expect.stringContaining("excludes") as string });
  });
});
