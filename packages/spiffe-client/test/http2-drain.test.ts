// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import type { ClientHttp2Session } from "node:http2";
import { text } from "node:stream/consumers";
import { TestCa } from "@mayfly/testkit";
import { expect, it } from "vitest";
import { anyPeer, connectHttp2 } from "../src/index.ts";
import { http2Transport } from "./mtls/http2-transport.ts";
import { sourceOf } from "./mtls/workload.ts";

const ca = TestCa.create();

it("a request that is made in the turn in which an http2 session is drained is answered, and no session takes one after it", async () => {
  const notAfter = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000);
  const served = await http2Transport.serve({
    source: sourceOf(ca.issue("/server", { notAfter }), [ca]),
    authorize: anyPeer(),
    closeConnections: false,
  });
  const drained = Promise.withResolvers<{ readonly answer: Promise<string>; readonly session: ClientHttp2Session }>();
  const session = await connectHttp2(`https://127.0.0.1:${served.port}`, {
    source: sourceOf(ca.issue("/client"), [ca]),
    authorize: anyPeer(),
    onConnectionEnd: () => {
      const stream = session.request({ ":method": "POST", ":path": "/" });
      const answer = once(stream, "response").then(() => text(stream));
      stream.end("last");
      drained.resolve({ answer, session });
    },
  });
  session.on("error", () => undefined);
  const { answer } = await drained.promise;
  expect(session.closed).toBe(true);
  expect(await answer).toContain("last");
  // Node 22 throws, later ones say it by the stream.
  const late = async (): Promise<unknown> => await once(session.request({ ":path": "/" }), "response");
  await expect(late()).rejects.toMatchObject({ code: "ERR_HTTP2_GOAWAY_SESSION" });
  session.destroy();
  await served.close();
});
