// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import { StatusError, toStruct } from "@mayfly/rpc";
import { JwtBundle, TrustDomain } from "@mayfly/spiffe";
import { expect, describe, it, beforeAll } from "vitest";
import { WorkloadApiError } from "../src/errors.ts";
import { WorkloadApiClient } from "../src/workload-api/workload-api-client.ts";
import type { X509Context } from "../src/workload-api/x509-context.ts";
import { Authority } from "./authority.ts";
import { denied, type Endpoint, startEndpoint } from "./endpoint.ts";

let own: Authority;
let other: Authority;
beforeAll(async () => {
  own = await Authority.create("example.org");
  other = await Authority.create("other.test");
});

async function failureOf(promise: Promise<unknown>): Promise<WorkloadApiError> {
  const error = await promise.then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WorkloadApiError);
  return error as WorkloadApiError;
}

function ids({ svids }: X509Context): string[] {
  return svids.map(({ id }) => id.toString());
}

async function withEndpoint(test: (endpoint: Endpoint, client: WorkloadApiClient) => Promise<void>): Promise<void> {
  await using endpoint = await startEndpoint();
  using client = WorkloadApiClient.open({ address: endpoint.address });
  await test(endpoint, client);
}

describe("fetchX509Context", () => {
  it("gives SVIDs, own and federated bundles and CRLs", () =>
    withEndpoint(async (endpoint, client) => {
      const svid = own.issue("/web", { hint: "internal" });
      endpoint.onStream("FetchX509SVID", (stream) =>
        stream.write({
          svids: [svid, own.issue("/db")],
          crl: [Buffer.from([0x30, 0])],
          federated_bundles: { "spiffe://other.test": Buffer.from(other.bundle.toDer()) },
        }),
      );
      const context = await client.fetchX509Context();
      expect(ids(context)).toEqual(["spiffe://example.org/web", "spiffe://example.org/db"]);
      expect(context.svids[0]?.hint).toBe("internal");
      expect(context.svids[0]?.privateKey.export({ format: "der", type: "pkcs8" })).toEqual(svid.x509_svid_key);
      expect(context.bundles.get(own.trustDomain)?.equals(own.bundle)).toBe(true);
      expect(context.bundles.get(other.trustDomain)?.equals(other.bundle)).toBe(true);
      expect(context.crls).toEqual([Buffer.from([0x30, 0])]);
      // Leaving after the first message cancels the call.
      await expect.poll(() => endpoint.streams.size).toBe(0);
    }));

  it("ENDPOINT-04: each call carries the security header", () =>
    withEndpoint(async (endpoint, client) => {
      for (const method of ["FetchX509SVID", "FetchX509Bundles", "FetchJWTBundles"])
        endpoint.onStream(method, (stream) => stream.emit("error", denied));
      const calls = [
        client.fetchX509Context(),
        client.fetchX509Bundles(),
        client.fetchJwtBundles(),
        client.fetchJwtSvids({ audience: ["a"] }),
        client.validateJwtSvid({ audience: "a", token: "t" }),
      ];
      await Promise.allSettled(calls);
      expect(endpoint.calls.map(({ method }) => method).sort()).toEqual([
        "FetchJWTBundles",
        "FetchJWTSVID",
        "FetchX509Bundles",
        "FetchX509SVID",
        "ValidateJWTSVID",
      ]);
      for (const { headers } of endpoint.calls) expect(headers).toMatchObject({ "workload.spiffe.io": "true" });
    }));

  it("WLAPI-51: leaves out a later identity with a hint that is taken, never one without a hint", () =>
    withEndpoint(async (endpoint, client) => {
      const hints = ["i", "e", "i", "", ""];
      const svids = hints.map((hint, index) => own.issue(`/${index + 1}`, { hint }));
      endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids }));
      expect(ids(await client.fetchX509Context())).toEqual(
        [1, 2, 4, 5].map((index) => `spiffe://example.org/${index}`),
      );
    }));

  it("WLAPI-23: a federated bundle does not replace the own one", () =>
    withEndpoint(async (endpoint, client) => {
      const federated_bundles = { "spiffe://example.org": Buffer.from(other.bundle.toDer()) };
      endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/web")], federated_bundles }));
      const { bundles } = await client.fetchX509Context();
      expect(bundles.get(own.trustDomain)?.equals(own.bundle)).toBe(true);
    }));

  it.each([
    ["no SVID", () => ({ svids: [] })],
    ["bytes that are no message", () => Uint8Array.of(0xff)],
    ["an SVID without ID", () => ({ svids: [{ ...own.issue("/web"), spiffe_id: "" }] })],
    ["an SVID with another ID", () => ({ svids: [{ ...own.issue("/web"), spiffe_id: "spiffe://example.org/db" }] })],
    ["no certificate", () => ({ svids: [{ ...own.issue("/web"), x509_svid: Buffer.alloc(0) }] })],
    [
      "a byte after the certificate",
      () => ({
        svids: [{ ...own.issue("/web"), x509_svid: Buffer.concat([own.issue("/web").x509_svid, Buffer.of(0)]) }],
      }),
    ],
    ["no key", () => ({ svids: [{ ...own.issue("/web"), x509_svid_key: Buffer.alloc(0) }] })],
    ["another's key", () => ({ svids: [{ ...own.issue("/web"), x509_svid_key: own.issue("/web").x509_svid_key }] })],
    ["a bundle that is none", () => ({ svids: [{ ...own.issue("/web"), bundle: Buffer.from("x") }] })],
    ["too many SVIDs", () => ({ svids: Array.from({ length: 257 }, () => ({})) })],
  ])("WLAPI-09: %s is BAD_RESPONSE", (_what, answer) =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.write(answer()));
      expect(await failureOf(client.fetchX509Context())).toMatchObject({ code: "BAD_RESPONSE" });
    }),
  );

  it("X7: an empty federated bundle trusts nobody, and is no error", () =>
    withEndpoint(async (endpoint, client) => {
      const federated_bundles = { "spiffe://other.test": Buffer.alloc(0) };
      endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/web")], federated_bundles }));
      expect((await client.fetchX509Context()).bundles.get(other.trustDomain)?.authorities).toEqual([]);
    }));

  it("X7: an empty own bundle trusts nobody, and is no error", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) =>
        stream.write({ svids: [{ ...own.issue("/web"), bundle: Buffer.alloc(0) }] }),
      );
      const { bundles } = await client.fetchX509Context();
      expect(bundles.get(own.trustDomain)?.authorities).toEqual([]);
    }));

  it.each([
    [3, "INVALID_REQUEST"],
    [7, "DENIED"],
    [12, "UNIMPLEMENTED"],
    [13, "FAILED"],
    [14, "UNAVAILABLE"],
  ])("status %i is %s, with the status as cause", (code, expected) =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", { code, details: "why" }));
      const error = await failureOf(client.fetchX509Context());
      expect(error).toMatchObject({ code: expected, message: "why", cause: { code } });
      expect(error.cause).toBeInstanceOf(StatusError);
    }),
  );

  it("nobody there is UNAVAILABLE, as are a stream that ends and a call that takes too long", async () => {
    using nowhere = WorkloadApiClient.open({ address: "unix:///nowhere/agent.sock" });
    expect(await failureOf(nowhere.fetchX509Context())).toMatchObject({ code: "UNAVAILABLE" });
    await withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.end());
      expect(await failureOf(client.fetchX509Context())).toMatchObject({ code: "UNAVAILABLE" });
      endpoint.onStream("FetchX509SVID", () => undefined);
      expect(await failureOf(client.fetchX509Context({ timeoutMs: 50 }))).toMatchObject({ code: "UNAVAILABLE" });
      const reason = new Error("stop");
      await expect(client.fetchX509Context({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    });
  });
});

describe("the address", () => {
  it("ENDPOINT-09: the explicit one wins, then SPIFFE_ENDPOINT_SOCKET, else NOT_SET", async () => {
    await using endpoint = await startEndpoint();
    endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/web")] }));
    const open = async (address?: string): Promise<number> => {
      using client = WorkloadApiClient.open({ address });
      return (await client.fetchX509Context()).svids.length;
    };
    const before = process.env["SPIFFE_ENDPOINT_SOCKET"];
    try {
      process.env["SPIFFE_ENDPOINT_SOCKET"] = "unix:///nowhere";
      expect(await open(endpoint.address)).toBe(1);
      process.env["SPIFFE_ENDPOINT_SOCKET"] = endpoint.address;
      expect(await open()).toBe(1);
      for (const unset of [undefined, ""]) {
        delete process.env["SPIFFE_ENDPOINT_SOCKET"];
        if (unset !== undefined) process.env["SPIFFE_ENDPOINT_SOCKET"] = unset;
        expect(() => WorkloadApiClient.open()).toThrow(expect.objectContaining({ code: "NOT_SET" }));
      }
    } finally {
      delete process.env["SPIFFE_ENDPOINT_SOCKET"];
      if (before !== undefined) process.env["SPIFFE_ENDPOINT_SOCKET"] = before;
    }
  });
});

describe("watchX509Context", () => {
  it("WLAPI-06, WLAPI-07: each update is the whole state; what is missing is gone", () =>
    withEndpoint(async (endpoint, client) => {
      const federated_bundles = { "spiffe://other.test": Buffer.from(other.bundle.toDer()) };
      endpoint.onStream("FetchX509SVID", (stream) =>
        stream.write({
          svids: [own.issue("/a", { hint: "x" }), own.issue("/b")],
          federated_bundles,
          crl: [Buffer.of(1)],
        }),
      );
      const seen: X509Context[] = [];
      for await (const context of client.watchX509Context()) {
        seen.push(context);
        if (seen.length === 2) break;
        endpoint.push({ svids: [own.issue("/a")] });
      }
      expect(seen.map(ids)).toEqual([["spiffe://example.org/a", "spiffe://example.org/b"], ["spiffe://example.org/a"]]);
      expect(seen.map(({ bundles }) => bundles.size)).toEqual([2, 1]);
      expect(seen.map(({ crls }) => crls.length)).toEqual([1, 0]);
      expect(seen[1]?.svids[0]?.hint).toBe("");
    }));

  it("throws what goes wrong before the first update", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", denied));
      const watching = client.watchX509Context()[Symbol.asyncIterator]();
      expect(await failureOf(watching.next())).toMatchObject({ code: "DENIED" });
      expect(endpoint.calls).toHaveLength(1);
    }));

  it("WLAPI-02: goes on over a restart of the endpoint, and reports it", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a")] }));
      const errors: string[] = [];
      const watching = client.watchX509Context({ onError: ({ code }) => void errors.push(code) });
      const updates = watching[Symbol.asyncIterator]();
      await updates.next();
      endpoint.stop();
      const next = updates.next();
      await expect.poll(() => errors.length, { timeout: 5_000 }).toBeGreaterThan(0);
      await endpoint.start();
      expect((await next).done).toBe(false);
      expect(new Set(errors)).toEqual(new Set(["UNAVAILABLE"]));
      await updates.return?.();
    }));

  it("opens the stream again when it ends with OK", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => {
        stream.write({ svids: [own.issue("/a")] });
        stream.end();
      });
      let updates = 0;
      for await (const _context of client.watchX509Context()) if (++updates === 3) break;
      expect(endpoint.calls.length).toBeGreaterThanOrEqual(3);
    }));

  it("WLAPI-22: a refusal after an update is an update to nothing, once, and a new identity comes through", () =>
    withEndpoint(async (endpoint, client) => {
      let streams = 0;
      endpoint.onStream("FetchX509SVID", (stream) => {
        streams++;
        if (streams === 1 || streams === 4) stream.write({ svids: [own.issue(`/${streams}`)] });
        if (streams < 4) stream.emit("error", denied);
      });
      const seen: string[][] = [];
      for await (const context of client.watchX509Context()) {
        seen.push(ids(context));
        if (seen.length === 3) break;
      }
      expect(seen).toEqual([["spiffe://example.org/1"], [], ["spiffe://example.org/4"]]);
    }));

  it("ENDPOINT-14, ENDPOINT-15: does not repeat after INVALID_REQUEST and UNIMPLEMENTED", () =>
    withEndpoint(async (endpoint, client) => {
      for (const code of [3, 12]) {
        endpoint.calls.length = 0;
        endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", { code, details: "no" }));
        const watching = client.watchX509Context({ waitForIdentity: true })[Symbol.asyncIterator]();
        await failureOf(watching.next());
        expect(endpoint.calls).toHaveLength(1);
      }
    }));

  it("WLAPI-09: reports a message that can't be used, keeps what it has and stays on the stream", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => {
        stream.write({ svids: [own.issue("/a")] });
        stream.write({ svids: [] });
        stream.write({ svids: [own.issue("/b")] });
      });
      const errors: string[] = [];
      const seen: string[][] = [];
      for await (const context of client.watchX509Context({ onError: ({ code }) => void errors.push(code) })) {
        seen.push(ids(context));
        if (seen.length === 2) break;
      }
      expect(seen).toEqual([["spiffe://example.org/a"], ["spiffe://example.org/b"]]);
      expect(errors).toEqual(["BAD_RESPONSE"]);
      expect(endpoint.calls).toHaveLength(1);
    }));

  it("ends with the signal's reason, also while it waits", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.emit("error", denied));
      const abort = new AbortController();
      const watching = client.watchX509Context({ waitForIdentity: true, signal: abort.signal })[Symbol.asyncIterator]();
      const next = watching.next();
      await expect.poll(() => endpoint.calls.length).toBeGreaterThan(2);
      const reason = new Error("stop");
      abort.abort(reason);
      await expect(next).rejects.toBe(reason);
    }));
});

describe("a client that is closed", () => {
  it("ends its watches and calls", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onStream("FetchX509SVID", (stream) => stream.write({ svids: [own.issue("/a")] }));
      const updates = client.watchX509Context()[Symbol.asyncIterator]();
      await updates.next();
      const next = updates.next();
      client.close();
      expect(await failureOf(next)).toMatchObject({ code: "CLOSED" });
      await expect.poll(() => endpoint.streams.size).toBe(0);
      await failureOf(client.fetchX509Context());
    }));
});

describe("JWT", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  function token(id: string, audience: string[]): string {
    const head = `${encode({ alg: "ES256", typ: "JWT", kid: "k1" })}.${encode({ sub: id, aud: audience, exp: Math.floor(Date.now() / 1000) + 300 })}`;
    return `${head}.${sign("sha256", Buffer.from(head), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
  }

  it("WLAPI-30: gives the tokens, whose text printing and JSON do not show", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onUnary("FetchJWTSVID", ({ audience, spiffe_id }: { audience: string[]; spiffe_id: string }) => ({
        svids: [
          {
            spiffe_id: spiffe_id || "spiffe://example.org/web",
            svid: token(spiffe_id || "spiffe://example.org/web", audience),
            hint: "h",
          },
        ],
      }));
      const [svid] = await client.fetchJwtSvids({ audience: ["a", "b"] });
      expect(svid).toMatchObject({ hint: "h", audience: ["a", "b"] });
      expect(svid?.id.toString()).toBe("spiffe://example.org/web");
      expect(svid?.token.split(".")).toHaveLength(3);
      expect(JSON.stringify(svid)).not.toContain(svid?.token.split(".")[2]);
      const [one] = await client.fetchJwtSvids({ audience: ["a"], spiffeId: "spiffe://example.org/db" });
      expect(one?.id.toString()).toBe("spiffe://example.org/db");
    }));

  it.each([
    ["none", () => []],
    ["one that is no token", () => [{ spiffe_id: "spiffe://example.org/web", svid: "x" }]],
    [
      "one of another identity",
      () => [{ spiffe_id: "spiffe://example.org/web", svid: token("spiffe://example.org/x", ["a"]) }],
    ],
    [
      "one for another audience",
      () => [{ spiffe_id: "spiffe://example.org/web", svid: token("spiffe://example.org/web", ["b"]) }],
    ],
  ])("a JWT answer with %s is BAD_RESPONSE", (_what, svids) =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onUnary("FetchJWTSVID", () => ({ svids: svids() }));
      expect(await failureOf(client.fetchJwtSvids({ audience: ["a"] }))).toMatchObject({ code: "BAD_RESPONSE" });
    }),
  );

  it("WLAPI-08: asks for no token without an audience", () =>
    withEndpoint(async (endpoint, client) => {
      for (const audience of [[], [""], ["a", ""]])
        await expect(client.fetchJwtSvids({ audience })).rejects.toBeInstanceOf(TypeError);
      expect(endpoint.calls).toEqual([]);
    }));

  it("WLAPI-09: an answer without bundles or with bytes that are no message is BAD_RESPONSE", () =>
    withEndpoint(async (endpoint, client) => {
      for (const answer of [{ bundles: {} }, Uint8Array.of(0xff)]) {
        for (const method of ["FetchX509Bundles", "FetchJWTBundles"])
          endpoint.onStream(method, (stream) => stream.write(answer));
        expect(await failureOf(client.fetchX509Bundles())).toMatchObject({ code: "BAD_RESPONSE" });
        expect(await failureOf(client.fetchJwtBundles())).toMatchObject({ code: "BAD_RESPONSE" });
      }
    }));

  it("WLAPI-25: takes revocation lists that come with bundles", () =>
    withEndpoint(async (endpoint, client) => {
      const bundles = { "spiffe://example.org": Buffer.from(own.bundle.toDer()) };
      endpoint.onStream("FetchX509Bundles", (stream) => stream.write({ bundles, crl: [Buffer.of(1)] }));
      for await (const { crls } of client.watchX509Trust()) {
        expect(crls).toEqual([Buffer.of(1)]);
        break;
      }
      for await (const each of client.watchX509Bundles()) {
        expect(each.size).toBe(1);
        break;
      }
    }));

  it("gives JWT bundles, again when they change", () =>
    withEndpoint(async (endpoint, client) => {
      const jwks = Buffer.from(new JwtBundle(TrustDomain.parse("example.org"), [{ keyId: "k1", publicKey }]).toJwks());
      endpoint.onStream("FetchJWTBundles", (stream) => {
        stream.write({ bundles: { "spiffe://example.org": jwks } });
        stream.write({ bundles: { "spiffe://example.org": Buffer.from('{"keys":[]}') } });
      });
      const sizes: (number | undefined)[] = [];
      for await (const bundles of client.watchJwtBundles()) {
        if (sizes.push(bundles.get(TrustDomain.parse("example.org"))?.keys.size) === 2) break;
      }
      expect(sizes).toEqual([1, 0]);
      expect((await client.fetchJwtBundles()).size).toBe(1);
    }));

  it("gives ID and claims of a token that the endpoint takes for valid, and INVALID_REQUEST for others", () =>
    withEndpoint(async (endpoint, client) => {
      endpoint.onUnary("ValidateJWTSVID", ({ svid }: { svid: string }) => {
        if (svid !== "good") throw Object.assign(new Error("bad token"), { code: 3 });
        return {
          spiffe_id: "spiffe://example.org/web",
          claims: toStruct({ sub: "spiffe://example.org/web", aud: ["a"], exp: 1_700_000_000 }),
        };
      });
      const { id, claims } = await client.validateJwtSvid({ audience: "a", token: "good" });
      expect(id.toString()).toBe("spiffe://example.org/web");
      expect(claims).toEqual({ sub: "spiffe://example.org/web", aud: ["a"], exp: 1_700_000_000 });
      expect(await failureOf(client.validateJwtSvid({ audience: "a", token: "x" }))).toMatchObject({
        code: "INVALID_REQUEST",
      });
    }));
});
