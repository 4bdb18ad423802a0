// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createHttpsServer, exact } from "@mayfly/spiffe-client";
import { expectCode, TestCa } from "@mayfly/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { ToolServer } from "../src/upstream/tool-server.ts";
import { ca, idOf, identity } from "./world/identities.ts";

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A peer that answers as it likes, and what talks to it. */
async function talkTo(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  { path = "/tool/orders", timeoutMs = 2000, authority = ca } = {},
): Promise<{ readonly tools: ToolServer; readonly seen: { count: number } }> {
  const seen = { count: 0 };
  const source = identity(path, authority);
  const server = createHttpsServer({ source, authorize: exact(idOf("/gateway")) }, (request, response) => {
    seen.count += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  const register = { name: "orders", url, spiffeId: idOf("/tool/orders"), tools: new Map() };
  const tools = new ToolServer(register, identity("/gateway"), { timeoutMs, maxBytes: 10_000 });
  cleanups.push(() => {
    tools[Symbol.dispose]();
    server.closeAllConnections();
    server.close();
  });
  return { tools, seen };
}

const call = (tools: ToolServer, signal = new AbortController().signal) =>
  tools.callTool({
    callId: "c-1",
    tool: "query",
    argumentsJson: "{}",
    arguments: {},
    inputSchema: {},
    statement: "s",
    traceparent: "t",
    signal,
  });

const json =
  (text: string, type = "application/json") =>
  (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(200, { "content-type": type }).end(text);
  };

const good = '{"jsonrpc":"2.0","id":"c-1","result":{"content":[]}}';

describe("a tool server's answer", () => {
  it("may be a stream of events, of which the answer counts, and which may go on after it", async () => {
    const other = 'data: {"jsonrpc":"2.0","method":"notifications/progress","params":{}}\n\n';
    const { tools } = await talkTo((_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(`: ping\n\n${other}event: message\ndata: ${good}\n\n`);
    });
    expect(await call(tools)).toEqual({ result: { content: [] } });
  });

  it.each([
    ["no JSON", "text"],
    ["a name twice", '{"jsonrpc":"2.0","id":"c-1","result":{"a":1,"a":2}}'],
    ["another id", good.replace("c-1", "c-2")],
    ["neither result nor error", '{"jsonrpc":"2.0","id":"c-1"}'],
    ["both", '{"jsonrpc":"2.0","id":"c-1","result":{},"error":{"code":1,"message":""}}'],
    ["a result that is no object", '{"jsonrpc":"2.0","id":"c-1","result":[]}'],
    ["an error without a code", '{"jsonrpc":"2.0","id":"c-1","error":{"message":"x"}}'],
    ["nothing", ""],
  ])("that is %s is not one", async (_what, text) => {
    const { tools } = await talkTo(json(text));
    await expectCode(call(tools), "UPSTREAM_MALFORMED");
    const { tools: streaming } = await talkTo(json(`data: ${text}\n\n`, "text/event-stream"));
    await expectCode(call(streaming), "UPSTREAM_MALFORMED");
  });

  it("of another type, too large, too slow or broken off is refused with its own code", async () => {
    await expectCode(call((await talkTo(json(good, "text/html"))).tools), "UPSTREAM_MALFORMED");
    await expectCode(
      call((await talkTo(json(good.replace("[]", `"${"x".repeat(20_000)}"`)))).tools),
      "UPSTREAM_TOO_LARGE",
    );
    await expectCode(call((await talkTo(() => undefined, { timeoutMs: 200 })).tools), "UPSTREAM_TIMEOUT");
    const broken = await talkTo((_request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      response.write("{");
      setTimeout(() => response.destroy(), 20);
    });
    await expectCode(call(broken.tools), "UPSTREAM_MALFORMED");
  });

  it("is not waited for when the call is cut", async () => {
    const { tools, seen } = await talkTo(() => undefined);
    const controller = new AbortController();
    const cut = call(tools, controller.signal);
    await expect.poll(() => seen.count).toBe(1);
    controller.abort();
    await expectCode(cut, "CUT");
  });

  it("comes from the exact peer only: another identity and another authority get no byte of the call", async () => {
    for (const peer of [{ path: "/tool/other" }, { authority: TestCa.create() }]) {
      const { tools, seen } = await talkTo(json(good), peer);
      await expectCode(call(tools), "UPSTREAM_UNREACHABLE");
      expect(seen.count).toBe(0);
    }
  });
});
