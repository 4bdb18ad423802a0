// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { expectCode, FakeWorkloadApi, type FakeStream, TestCa } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { X509Source, type X509SourceOptions } from "../src/sources/x509-source.ts";

const own = TestCa.create();

async function withSource(
  test: (source: X509Source, api: FakeWorkloadApi, errors: string[]) => Promise<void>,
  options: X509SourceOptions = {},
): Promise<void> {
  await using api = await FakeWorkloadApi.start();
  api.pushX509({ svids: [{ ca: own, path: "/1" }] });
  const errors: string[] = [];
  const onError = ({ code }: { code: string }): void => void errors.push(code);
  await using source = await X509Source.open({ address: api.address, onError, ...options });
  await test(source, api, errors);
}

function pathOf(source: X509Source): string | undefined {
  return source.context.svids[0]?.id.path;
}

function fetches(api: FakeWorkloadApi): number {
  return api.calls.filter(({ method }) => method === "FetchX509SVID").length;
}

describe("an X509Source goes on", () => {
  it("WLAPI-13: through each state of the endpoint, to the next good message", () =>
    withSource(async (source, api, errors) => {
      const bad: readonly ((stream: FakeStream) => void)[] = [
        (stream) => stream.emit("error", { code: 7, details: "no identity issued" }),
        (stream) => stream.emit("error", { code: 14, details: "not yet" }),
        (stream) => stream.emit("error", { code: 13, details: "broken" }),
        (stream) => stream.end(),
        (stream) => stream.write(Uint8Array.of(0xff, 0xff)) && stream.write({ svids: [] }) && stream.end(),
      ];
      let next = 0;
      api.onStream("FetchX509SVID", (stream) => {
        const script = bad[next++];
        if (script !== undefined) return script(stream);
        api.pushX509({ svids: [{ ca: own, path: "/2" }] });
      });
      api.endStreams(14);
      await expect.poll(() => pathOf(source), { timeout: 10_000 }).toBe("/2");
      expect(next).toBe(bad.length + 1);
      expect(source.health.state).toBe("connected");
      expect([...new Set(errors)].toSorted()).toEqual(["BAD_RESPONSE", "DENIED", "FAILED", "UNAVAILABLE"]);
    }));

  it("over a socket that is deleted and made anew by another agent", () =>
    withSource(async (source, api) => {
      rmSync(api.path);
      const { svid } = source;
      api.stop();
      await expect.poll(() => source.health.state).toBe("reconnecting");
      expect(source.svid).toBe(svid);
      await api.start();
      api.pushX509({ svids: [{ ca: own, path: "/2" }] });
      await expect.poll(() => pathOf(source), { timeout: 5000 }).toBe("/2");
    }));

  it("WLAPI-09: over messages that can't be decoded or used, on the same stream", () =>
    withSource(async (source, api, errors) => {
      for (const message of [Uint8Array.of(0xff), Uint8Array.of(0x0a, 0x7f, 1), { svids: [] }]) api.push(message);
      await expect.poll(() => errors.length).toBe(3);
      expect(errors).toEqual(["BAD_RESPONSE", "BAD_RESPONSE", "BAD_RESPONSE"]);
      expect(source.svid.id.path).toBe("/1");
      expect(source.health.state).toBe("connected");
      api.pushX509({ svids: [{ ca: own, path: "/2" }] });
      await expect.poll(() => pathOf(source)).toBe("/2");
      expect(fetches(api)).toBe(1);
    }));

  it("over a message that is too large", () =>
    withSource(async (source, api, errors) => {
      api.push(Buffer.alloc(5_000_000));
      await expect.poll(() => errors).toContain("FAILED");
      expect(source.svid.id.path).toBe("/1");
      api.pushX509({ svids: [{ ca: own, path: "/2" }] });
      await expect.poll(() => pathOf(source), { timeout: 5000 }).toBe("/2");
    }));

  it("WLAPI-02: asks at once when a stream is lost, then with breaks, and at once again after a good message", () =>
    withSource(async (source, api) => {
      const times: number[] = [];
      const refuse = (stream: FakeStream): void => {
        times.push(performance.now());
        stream.emit("error", { code: 14, details: "not yet" });
      };
      api.onStream("FetchX509SVID", refuse);
      const lost = performance.now();
      api.endStreams(14);
      await expect.poll(() => times.length, { timeout: 5000 }).toBe(4);
      const waits = times.map((at, index) => at - (times[index - 1] ?? lost));
      // To the millisecond: a test of Backoff.
      expect(waits[0]).toBeLessThan(500);
      // 100, 200, 400 ms, each less up to a quarter.
      for (const [index, least] of [75, 150, 300].entries()) expect(waits[index + 1]).toBeGreaterThanOrEqual(least - 2);
      api.pushX509({ svids: [{ ca: own, path: "/2" }] });
      await expect.poll(() => pathOf(source), { timeout: 5000 }).toBe("/2");
      times.length = 0;
      api.onStream("FetchX509SVID", refuse);
      const again = performance.now();
      api.endStreams(14);
      await expect.poll(() => times.length).toBeGreaterThan(0);
      // Without the good message 600 ms at least.
      expect((times[0] ?? 0) - again).toBeLessThan(500);
    }));

  it("without haste where each stream ends after a good message", () =>
    withSource(async (_source, api) => {
      let updates = 0;
      api.pushX509({ svids: [{ ca: own }] });
      const interval = setInterval(() => {
        for (const stream of api.streams) {
          updates++;
          stream.end();
        }
      }, 1);
      await new Promise((resolve) => setTimeout(resolve, 1000));
      clearInterval(interval);
      expect(updates).toBeGreaterThan(3);
      // Once at once, then some ten in a second.
      expect(fetches(api)).toBeLessThan(20);
    }));

  it("ENDPOINT-14: not after INVALID_REQUEST, which ends it", () =>
    withSource(async (source, api) => {
      api.refuse(3, "security header missing from request");
      await expect.poll(() => source.health.state).toBe("failed");
      const asked = fetches(api);
      await new Promise((resolve) => setTimeout(resolve, 300));
      expect(fetches(api)).toBe(asked);
      await expectCode(() => source.svid, "INVALID_REQUEST");
    }));

  it("when the endpoint falls silent, and asks again after the deadline of the first message", () =>
    withSource(
      async (source, api, errors) => {
        api.onStream("FetchX509SVID", () => undefined);
        api.endStreams(14);
        await expect.poll(() => fetches(api), { timeout: 5000 }).toBeGreaterThan(2);
        expect(source.health.state).toBe("reconnecting");
        expect(source.svid.id.path).toBe("/1");
        expect(new Set(errors)).toEqual(new Set(["UNAVAILABLE"]));
        api.pushX509({ svids: [{ ca: own, path: "/2" }] });
        await expect.poll(() => pathOf(source), { timeout: 5000 }).toBe("/2");
        // A stream that said something may be silent for as long as it likes.
        const asked = fetches(api);
        await new Promise((resolve) => setTimeout(resolve, 400));
        expect(fetches(api)).toBe(asked);
      },
      { firstMessageTimeoutMs: 150 },
    ));

  it("when nothing on the socket speaks HTTP/2", async () => {
    await using api = await FakeWorkloadApi.start();
    api.stop();
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => void sockets.add(socket.on("error", () => undefined)));
    await new Promise<void>((resolve) => silent.listen(api.path, resolve));
    const errors: string[] = [];
    const opening = X509Source.open({
      address: api.address,
      firstMessageTimeoutMs: 150,
      onError: ({ code }) => void errors.push(code),
    });
    await expect.poll(() => errors.length, { timeout: 5000 }).toBeGreaterThan(1);
    expect(new Set(errors)).toEqual(new Set(["UNAVAILABLE"]));
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
    await api.start();
    api.pushX509({ svids: [{ ca: own, path: "/1" }] });
    await using source = await opening;
    expect(source.svid.id.path).toBe("/1");
  });
});

describe("a process with an open X509Source", () => {
  const source = JSON.stringify(new URL("../src/sources/x509-source.ts", import.meta.url).href);

  function run(api: FakeWorkloadApi, program: string): Promise<{ stdout: string }> {
    const text = `
      import { X509Source } from ${source};
      process.on("unhandledRejection", () => console.log("unhandled"));
      const source = await X509Source.open();
      console.log(source.svid.id.path);
      ${program}`;
    return promisify(execFile)(
      process.execPath,
      ["--conditions=@mayfly/source", "--input-type=module", "--eval", text],
      { env: { ...process.env, SPIFFE_ENDPOINT_SOCKET: api.address }, timeout: 20_000 },
    );
  }

  it("runs on until the source is disposed of, and ends then by itself", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own, path: "/1" }] });
    const program = `
      setTimeout(() => { console.log("still here"); void source[Symbol.asyncDispose](); }, 300).unref();`;
    expect((await run(api, program)).stdout).toBe("/1\nstill here\n");
  });

  it("can be ended at any time, also while the endpoint is away", async () => {
    await using api = await FakeWorkloadApi.start();
    api.pushX509({ svids: [{ ca: own, path: "/1" }] });
    const program = `
      setInterval(() => {
        if (source.health.state === "connected") return;
        console.log(source.health.state);
        process.exit(0);
      }, 10);`;
    const running = run(api, program);
    await expect.poll(() => api.streams.size, { timeout: 10_000 }).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    api.stop();
    expect((await running).stdout).toBe("/1\nreconnecting\n");
  });
});
