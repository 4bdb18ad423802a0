// SPDX-License-Identifier: Apache-2.0
// What agents send through the real gateway, looked for in the real server's record, in the logs of both and in what the tool did not get.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { mayflyRecordsService, type TaskMessage } from "@mayfly/rpc";
import type { X509Source } from "@mayfly/spiffe-client";
import { argumentsDigest } from "@mayfly/tasks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MintedIdentities } from "../../../packages/broker/test/task-ends/identities.ts";
import { type RunningGateway, startGateway } from "../../../packages/gateway/src/index.ts";
import { denialOf, type RawAgent, rawAgent } from "../../../packages/gateway/test/world/agent.ts";
import { startToolServer, type TestToolServer } from "../../../packages/gateway/test/world/tool-server.ts";
import { configOf, configValues, usualScope, writePolicies } from "../../../packages/gateway/test/world/world.ts";
import { TaskWorld } from "../../../packages/server/test/tasks/task-world.ts";
import { createLogger } from "../../../packages/telemetry/src/index.ts";

const directory = mkdtempSync(join(tmpdir(), "mayfly-e2e-secrets-"));
/** In no word of ours; also as somebody may have written it down. */
const canary = "c4n4ry-5ecret";
const forms = [canary, Buffer.from(canary).toString("base64"), Buffer.from(canary).toString("hex")].map((form) =>
  form.replace(/=+$/, ""),
);
let world: TaskWorld;
let tools: TestToolServer;
let gateway: RunningGateway;
let task: TaskMessage;
let agent: RawAgent;
let source: X509Source;
let log = "";

beforeAll(async () => {
  world = await TaskWorld.start();
  await world.addProfile("support", "T2", { ceiling_json: JSON.stringify(usualScope) });
  const ids = await MintedIdentities.of(world.admin);
  tools = await startToolServer("/nowhere", await ids.source("/tool/orders"));
  writePolicies(join(directory, "policy"));
  const server = `127.0.0.1:${String(world.under.server.address.port)}`;
  const destination = new PassThrough().on("data", (chunk: Buffer) => (log += chunk.toString()));
  gateway = await startGateway(configOf(configValues(directory, tools.url, server)), {
    source: await ids.source("/gateway"),
    log: createLogger({ level: "debug", format: "json", destination }),
  });
  await gateway.ready;
  task = await world.startTask({ agent: "support", scope_json: JSON.stringify(usualScope) });
  const path = new URL(task.spiffe_id).pathname;
  source = await ids.source(path);
  agent = rawAgent({ url: `https://127.0.0.1:${String(gateway.port)}` }, path, source);
});
afterAll(async () => {
  agent[Symbol.dispose]();
  await gateway.stop();
  await tools[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true, force: true });
});

/** The whole record up to the last checkpoint. */
async function recordText(): Promise<string> {
  const parts: string[] = [];
  for await (const { records } of world.admin.serverStream(mayflyRecordsService.methods.ExportRecords, {}))
    parts.push(...records.map((bytes) => Buffer.from(bytes).toString()));
  return parts.join("\n");
}

function found(text: string): string[] {
  return forms.filter((form) => text.includes(form));
}

describe("AUD-D10: a secret that an agent sends", () => {
  it.each<[string, () => Promise<{ readonly status: number }>]>([
    ["in an argument", () => agent.call("query", { table: canary })],
    [
      "nested in objects and lists",
      () => agent.call("refund", { order: "1", amount: 1, deep: { list: [{ token: canary }] } }),
    ],
    ["as bytes in base64 and hex", () => agent.call("refund", { order: forms[1], amount: 1, raw: forms[2] })],
    ["as the name of an argument", () => agent.call("query", { table: "orders", [canary]: 1 })],
    ["in a call that asks for an approval", () => agent.call("refund", { order: canary, amount: 4_000 })],
    ["in a raw body that is no JSON", () => agent.call("query", {}, { body: (text) => `${canary}${text}` })],
    [
      "in a member that is not known",
      () => agent.call("query", {}, { body: (text) => text.replace("{", `{"${canary}":1,`) }),
    ],
    ["in the query string", () => agent.call("query", { table: "orders" }, { path: `/mcp/orders?token=${canary}` })],
    ["in the path", () => agent.call("query", { table: "orders" }, { path: `/mcp/${canary}` })],
    [
      "in headers",
      () =>
        agent.call(
          "query",
          { table: "orders" },
          { headers: { authorization: `Bearer ${canary}`, cookie: `a=${canary}` } },
        ),
    ],
    ["in _meta", () => agent.call("query", { table: "orders" }, { meta: { traceparent: canary, token: canary } })],
  ])("%s is neither in the record nor in the gateway's log", async (_where, send) => {
    const { status } = await send();
    expect(status).toBeGreaterThanOrEqual(200);
    // An act after it: when it is in the record, so is all that came before.
    const seen = (await recordText()).split("\n").length;
    await agent.call("query", { table: "items" });
    await expect.poll(async () => (await recordText()).split("\n").length).toBeGreaterThan(seen + 1);
    expect(found(await recordText())).toEqual([]);
    expect(found(log)).toEqual([]);
  });

  it("is bound all the same: the record has a keyed digest, which another key does not give", async () => {
    const text = await recordText();
    expect(text).toMatch(/"args_digest":"hmac-sha256:[0-9a-f]{64}"/);
    // A digest without a key could be guessed at.
    expect(text).not.toContain(argumentsDigest('{"table":"items"}'));
    expect(denialOf(await agent.call("refund", { order: canary, amount: 4_000 }))?.access_request).toBeDefined();
  });
});
