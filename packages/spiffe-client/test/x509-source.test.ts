// SPDX-License-Identifier: Apache-2.0
import { beforeAll, describe, expect, it } from "vitest";
import { X509Source } from "../src/sources/x509-source.ts";
import { WorkloadApiClient } from "../src/workload-api/workload-api-client.ts";
import { Authority } from "./authority.ts";
import { denied, startEndpoint } from "./endpoint.ts";

let own: Authority;
beforeAll(async () => {
  own = await Authority.create("example.org");
});

describe("an X509Source", () => {
  it("opens with the first update and then follows", async () => {
    await using endpoint = await startEndpoint();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a"), own.issue("/b")] }));
    await using source = await X509Source.open({ address: endpoint.address });
    // WLAPI-53: the first is the default.
    expect(source.svid.id.path).toBe("/a");
    expect(source.bundles.get(own.trustDomain)?.equals(own.bundle)).toBe(true);
    expect(source.get(own.trustDomain)).toBe(source.bundles.get(own.trustDomain));
    const first = source.svid;
    endpoint.push({ svids: [own.issue("/a")] });
    await expect.poll(() => source.svid === first).toBe(false);
    expect(source.context.svids).toHaveLength(1);
  });

  it("WLAPI-21: opens with the first identity when there is none yet, or no endpoint", async () => {
    await using endpoint = await startEndpoint();
    endpoint.stop();
    const errors: string[] = [];
    const opening = X509Source.open({ address: endpoint.address, onError: ({ code }) => void errors.push(code) });
    await expect.poll(() => errors).toContain("UNAVAILABLE");
    endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", denied));
    await endpoint.start();
    await expect.poll(() => errors, { timeout: 5000 }).toContain("DENIED");
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a")] }));
    await using source = await opening;
    expect(source.svid.id.path).toBe("/a");
  });

  it("gives up opening with the signal, and at once for what does not get better", async () => {
    await using endpoint = await startEndpoint();
    const reason = new Error("stop");
    const abort = new AbortController();
    const opening = X509Source.open({ address: endpoint.address, signal: abort.signal });
    await expect.poll(() => endpoint.streams.size).toBe(1);
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await expect.poll(() => endpoint.streams.size).toBe(0);
    endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", { code: 12, details: "no" }));
    await expect(X509Source.open({ address: endpoint.address })).rejects.toMatchObject({ code: "UNIMPLEMENTED" });
    await expect(X509Source.open({ address: "http://x" })).rejects.toMatchObject({ code: "BAD_SCHEME" });
  });

  it("WLAPI-22: gives out a withdrawn identity no longer, and the next one when it comes", async () => {
    await using endpoint = await startEndpoint();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a")] }));
    await using source = await X509Source.open({ address: endpoint.address });
    endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", denied));
    endpoint.end(denied);
    await expect.poll(() => source.context.svids.length).toBe(0);
    expect(() => source.svid).toThrow(expect.objectContaining({ code: "NO_SVID" }));
    expect(source.get(own.trustDomain)).toBeUndefined();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/b")] }));
    await expect.poll(() => source.context.svids[0]?.id.path, { timeout: 5000 }).toBe("/b");
  });

  it("keeps what it has while the endpoint is away", async () => {
    await using endpoint = await startEndpoint();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a")] }));
    await using source = await X509Source.open({ address: endpoint.address });
    const { svid } = source;
    endpoint.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(source.svid).toBe(svid);
  });

  it("gives each reader of updates the newest, and ends them when it is disposed of", async () => {
    await using endpoint = await startEndpoint();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/0")] }));
    const source = await X509Source.open({ address: endpoint.address });
    const slow = source.updates()[Symbol.asyncIterator]();
    expect((await slow.next()).value?.svids[0]?.id.path).toBe("/0");
    const fast = (async () => {
      const seen: (string | undefined)[] = [];
      for await (const { svids } of source.updates()) seen.push(svids[0]?.id.path);
      return seen;
    })();
    for (const path of ["/1", "/2", "/3"]) {
      endpoint.push({ svids: [own.issue(path)] });
      await expect.poll(() => source.svid.id.path).toBe(path);
    }
    expect((await slow.next()).value?.svids[0]?.id.path).toBe("/3");
    await source[Symbol.asyncDispose]();
    await source[Symbol.asyncDispose]();
    expect((await slow.next()).done).toBe(true);
    expect(await fast).toEqual(["/0", "/1", "/2", "/3"]);
    await expect.poll(() => endpoint.streams.size).toBe(0);
  });

  it("does not close a client that it was given", async () => {
    await using endpoint = await startEndpoint();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a")] }));
    using client = WorkloadApiClient.open({ address: endpoint.address });
    const source = await X509Source.open({ client });
    await source[Symbol.asyncDispose]();
    expect((await client.fetchX509Context()).svids).toHaveLength(1);
  });
});
