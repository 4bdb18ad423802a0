// SPDX-License-Identifier: Apache-2.0
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { agentService, entryService, reasonOf, workloadApiService } from "@mayfly/rpc";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { idMessage, nextOf, refusalOf, TestSystem, timed, until, watchX509 } from "./system.ts";

/** What must take effect on open streams does so in this time. */
const boundMs = 1000;

describe("an open stream", () => {
  let system: TestSystem;
  beforeAll(async () => {
    system = await TestSystem.start();
  });
  afterAll(() => system[Symbol.asyncDispose]());

  async function opened(path: string, values: Readonly<Record<string, unknown>> = {}) {
    const id = await system.createEntry(path, values);
    const channel = system.openWorkload();
    const stream = watchX509(channel);
    await nextOf(stream);
    return { id, channel, stream };
  }

  it("WAP-D12, WLAPI-12: ends with 7 when its entry is deleted, and the key is served no more", async () => {
    const { id, channel, stream } = await opened("/deleted");
    const ended = timed(refusalOf(nextOf(stream)));
    await system.server.deleteEntry(id);
    const { value, ms } = await ended;
    expect([value.code, value.message, reasonOf(value)?.code]).toEqual([7, "no identity issued", "IDENTITY_WITHDRAWN"]);
    expect(ms).toBeLessThan(boundMs);
    expect((await refusalOf(nextOf(watchX509(channel)))).code).toBe(7);
    channel.close();
  });

  it("ends within a second when its entry expires", async () => {
    const expires_at = Math.floor(Date.now() / 1000) + 3;
    const { channel, stream } = await opened("/expiring", { expires_at: String(expires_at) });
    const error = await refusalOf(nextOf(stream));
    expect(error.code).toBe(7);
    expect(Date.now() - expires_at * 1000).toBeGreaterThanOrEqual(0);
    expect(Date.now() - expires_at * 1000).toBeLessThan(boundMs);
    channel.close();
  });

  it("ends when its entry's selectors do not fit any more", async () => {
    const { id, channel, stream } = await opened("/changing");
    const ended = timed(refusalOf(nextOf(stream)));
    const entry = { id, selectors: [{ type: "unix", value: "uid:4000000" }] };
    await system.server.admin.unary(entryService.methods.BatchUpdateEntry, {
      entries: [entry],
      input_mask: { selectors: true },
    });
    const { value, ms } = await ended;
    expect(value.code).toBe(7);
    expect(ms).toBeLessThan(boundMs);
    await system.server.deleteEntry(id);
    channel.close();
  });

  it("gets the new state when one of two entries goes, and stays open", async () => {
    const { id, channel, stream } = await opened("/first");
    const second = await system.createEntry("/second");
    expect((await nextOf(stream)).svids).toHaveLength(2);
    await system.server.deleteEntry(id);
    expect((await nextOf(stream)).svids.map(({ spiffe_id }) => spiffe_id)).toEqual(["spiffe://example.org/second"]);
    await system.server.deleteEntry(second);
    channel.close();
  });

  it.runIf(process.getuid?.() === 0)("ends instead of feeding a process that changed its user", async () => {
    const id = await system.createEntry("/before");
    const { child, lines } = startWorkload(system.agent.socketPath);
    expect(await lines.next()).toMatchObject({ value: "svid 1" });
    child.stdin?.write("setuid\n");
    expect(await lines.next()).toMatchObject({ value: "changed" });
    const second = await system.createEntry("/after");
    expect(await lines.next()).toMatchObject({ value: "ended 7 CALLER_CHANGED" });
    child.kill("SIGKILL");
    for (const each of [id, second]) await system.server.deleteEntry(each);
  });

  it("NOD-D10: ends with 7 when the node is banned; the agent says so", async () => {
    const { channel, stream } = await opened("/banned");
    const ended = timed(refusalOf(nextOf(stream)));
    let told = false;
    void ended.then(() => (told = true));
    // Whoever runs the agent stops it then: what ends only afterwards would be told of a shutdown.
    const failure = system.agent.failed.catch((error: unknown) => ({ error, told }));
    await system.server.admin.unary(agentService.methods.BanAgent, { id: idMessage(system.agentId) });
    const { value, ms } = await ended;
    expect([value.code, value.message]).toEqual([7, "no identity issued"]);
    expect(ms).toBeLessThan(boundMs);
    expect(await failure).toMatchObject({ error: { code: "AGENT_BANNED" }, told: true });
    const call = channel.unary(workloadApiService.methods.FetchJWTSVID, { audience: ["a"] });
    expect((await refusalOf(call)).code).toBe(7);
    await until(() => system.agent.agentId === undefined);
    channel.close();
  });
});

function startWorkload(socket: string): { child: ChildProcess; lines: AsyncIterator<string> } {
  const program = fileURLToPath(new URL("./workload.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@mayfly/source", program, socket], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return { child, lines: createInterface({ input: child.stdout })[Symbol.asyncIterator]() };
}
