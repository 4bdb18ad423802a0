// SPDX-License-Identifier: Apache-2.0
import { type AddressInfo, connect, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mayfly, Running } from "../mayfly.ts";
import { ModelEndpoint } from "./model-endpoint.ts";

let model: ModelEndpoint;
beforeAll(async () => {
  model = await ModelEndpoint.start({ wit: false });
});
afterAll(() => model[Symbol.asyncDispose]());

const words = ["workload", "conformance"];

describe("mayfly workload conformance", () => {
  it("prints a table and what it comes to, and ends with 0 where no MUST is broken", async () => {
    const { status, stdout, stderr } = await mayfly(words, { SPIFFE_ENDPOINT_SOCKET: `unix://${model.path}` });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^ID +LEVEL +VERDICT +TITLE +WHY$/);
    expect(lines[1]).toMatch(/^ENDPOINT-01 +MUST +pass +speaks gRPC$/);
    expect(lines.at(-1)).toMatch(/^\d+ pass, 0 fail, 0 warn, \d+ not seen$/);
    expect(stdout).toMatch(/^WLAPI-12 +MUST +not seen .+ needs an entry to be deleted/m);
  });

  it("prints one JSON document with the same", async () => {
    const { stdout } = await mayfly([...words, "--socket", model.path, "--output", "json"]);
    const report = JSON.parse(stdout) as { endpoint: string; counts: Record<string, number>; rows: object[] };
    expect(report.endpoint).toBe(model.path);
    expect(Object.keys(report.counts)).toEqual(["pass", "fail", "warn", "not_seen"]);
    expect(Object.values(report.counts).reduce((sum, count) => sum + count)).toBe(report.rows.length);
    expect(report.rows[0]).toEqual({
      id: "ENDPOINT-01",
      level: "MUST",
      title: "speaks gRPC",
      verdict: "pass",
      detail: "",
    });
  });

  it("takes an endpoint on TCP, and can't see the modes of a socket there", async () => {
    const relay = createServer((socket) => {
      const inner = connect(model.path);
      for (const each of [socket, inner]) each.on("error", () => undefined);
      socket.pipe(inner).pipe(socket);
    });
    await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
    const { port } = relay.address() as AddressInfo;
    const { status, stdout } = await mayfly([...words, "--socket", `tcp://127.0.0.1:${port}`]);
    relay.close();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ENDPOINT-02 +SHOULD +pass/m);
    expect(stdout).toMatch(/^ENDPOINT-19 +SHOULD +not seen/m);
  });

  it.each([
    ["--wait", "2h"],
    ["--timeout", "0s"],
    ["--audience", ""],
    ["--socket", "http://a"],
  ])("ends with 2 for %s %j", async (option, value) => {
    expect(await mayfly([...words, option, value])).toMatchObject({ status: 2, stdout: "" });
  });

  it("ends with 130 when it is interrupted while it watches", async () => {
    await using other = await ModelEndpoint.start();
    await using running = new Running([...words, "--socket", other.path, "--wait", "1h"]);
    await other.called("FetchWITBundles");
    running.child.kill("SIGINT");
    expect(await running.ended).toMatchObject({ status: 130, stdout: "", stderr: "" });
  });
});
