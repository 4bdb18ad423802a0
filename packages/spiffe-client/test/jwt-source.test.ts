// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey } from "node:crypto";
import { toStruct } from "@mayfly/rpc";
import { TrustDomain } from "@mayfly/spiffe";
import { expectCode, FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { describe, expect, it } from "vitest";
import { JwtSource, type JwtSourceOptions } from "../src/sources/jwt-source.ts";
import { X509Source } from "../src/sources/x509-source.ts";
import { TokenAuthority } from "./tokens.ts";

const authority = new TokenAuthority();
const domain = TrustDomain.parse("example.org");

interface JwtRequest {
  readonly audience: string[];
  readonly spiffe_id: string;
}

/** Answers with tokens for /a (hint "internal") and /b, or the one that is asked for; `lifeMs` each. */
function issuing(api: FakeWorkloadApi, lifeMs = 300_000): void {
  api.pushJwtBundles({ "example.org": authority.jwks });
  api.onUnary("FetchJWTSVID", ({ audience, spiffe_id }: JwtRequest) => ({
    svids: [
      ["/a", "internal"],
      ["/b", ""],
    ]
      .map(([path = "", hint]) => ({
        spiffe_id: `spiffe://example.org${path}`,
        svid: authority.issue(path, audience, { lifeMs }),
        hint,
      }))
      .filter((svid) => spiffe_id === "" || svid.spiffe_id === spiffe_id),
  }));
}

function fetches(api: FakeWorkloadApi): number {
  return api.calls.filter(({ method }) => method === "FetchJWTSVID").length;
}

async function withSource(
  test: (source: JwtSource, api: FakeWorkloadApi) => Promise<void>,
  options: JwtSourceOptions & { readonly lifeMs?: number } = {},
): Promise<void> {
  await using api = await FakeWorkloadApi.start();
  issuing(api, options.lifeMs);
  await using source = await JwtSource.open({ address: api.address, ...options });
  await test(source, api);
}

describe("fetchSvid of a JwtSource", () => {
  it("gives the same token until half of its life, then another", () =>
    withSource(
      async (source, api) => {
        const first = await source.fetchSvid({ audience: "a" });
        expect(first.id.path).toBe("/a");
        expect(await source.fetchSvid({ audience: ["a"] })).toBe(first);
        expect(fetches(api)).toBe(1);
        const half = Date.now() + (first.expiresAt.getTime() - Date.now()) / 2;
        await new Promise((resolve) => setTimeout(resolve, half - Date.now() + 20));
        const second = await source.fetchSvid({ audience: "a" });
        expect(second).not.toBe(first);
        expect(first.expiresAt.getTime()).toBeGreaterThan(Date.now());
        expect(fetches(api)).toBe(2);
      },
      { lifeMs: 1000 },
    ));

  it("keeps tokens apart by audience, identity and hint", () =>
    withSource(async (source, api) => {
      const requests = [
        { audience: "a" },
        { audience: ["a", "b"] },
        { audience: "a,b" },
        { audience: "a", spiffeId: "spiffe://example.org/b" },
        { audience: "a", hint: "internal" },
      ];
      const tokens = await Promise.all(requests.map((request) => source.fetchSvid(request)));
      expect(tokens.map(({ id, audience }) => `${id.path} ${audience.join(" ")}`)).toEqual([
        "/a a",
        "/a a b",
        "/a a,b",
        "/b a",
        "/a a",
      ]);
      expect(fetches(api)).toBe(5);
      // The order of audiences says nothing.
      expect(await source.fetchSvid({ audience: ["b", "a"] })).toBe(tokens[1]);
    }));

  it("WLAPI-54: a hint or identity that is not there is an error", () =>
    withSource(async (source, api) => {
      await expectCode(source.fetchSvid({ audience: "a", hint: "external" }), "NO_SVID");
      api.onUnary("FetchJWTSVID", ({ audience }: JwtRequest) => ({
        svids: [{ spiffe_id: "spiffe://example.org/a", svid: authority.issue("/a", audience), hint: "" }],
      }));
      await expectCode(source.fetchSvid({ audience: "a", spiffeId: "spiffe://example.org/b" }), "NO_SVID");
    }));

  it("fetches once for all who ask at the same time", () =>
    withSource(async (source, api) => {
      const tokens = await Promise.all(Array.from({ length: 50 }, () => source.fetchSvid({ audience: "a" })));
      expect(new Set(tokens).size).toBe(1);
      expect(fetches(api)).toBe(1);
    }));

  it("lets one give up without the others, and ends the call when nobody waits", () =>
    withSource(async (source, api) => {
      let answer = (): void => undefined;
      let cancelled = 0;
      api.onUnary("FetchJWTSVID", async ({ audience }: JwtRequest) => {
        await new Promise<void>((resolve) => (answer = resolve));
        cancelled++;
        return { svids: [{ spiffe_id: "spiffe://example.org/a", svid: authority.issue("/a", audience), hint: "" }] };
      });
      const abort = new AbortController();
      const reason = new Error("stop");
      const impatient = source.fetchSvid({ audience: "a", signal: abort.signal });
      const patient = source.fetchSvid({ audience: "a" });
      await expect.poll(() => fetches(api)).toBe(1);
      abort.abort(reason);
      await expect(impatient).rejects.toBe(reason);
      answer();
      expect((await patient).id.path).toBe("/a");
      expect(cancelled).toBe(1);
      // Alone: the next one who asks begins anew.
      const alone = new AbortController();
      const left = source.fetchSvid({ audience: "b", signal: alone.signal });
      await expect.poll(() => fetches(api)).toBe(2);
      alone.abort(reason);
      await expect(left).rejects.toBe(reason);
      const next = source.fetchSvid({ audience: "b" });
      await expect.poll(() => fetches(api)).toBe(3);
      answer();
      expect((await next).id.path).toBe("/a");
      await expect(source.fetchSvid({ audience: "b", signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    }));

  it("goes on with a token that is not expired while the endpoint is away, and no longer", () => {
    const errors: string[] = [];
    return withSource(
      async (source, api) => {
        const first = await source.fetchSvid({ audience: "a" });
        api.stop();
        await new Promise((resolve) => setTimeout(resolve, (first.expiresAt.getTime() - Date.now()) / 2 + 20));
        expect(await source.fetchSvid({ audience: "a" })).toBe(first);
        expect(errors).toContain("UNAVAILABLE");
        await new Promise((resolve) => setTimeout(resolve, first.expiresAt.getTime() - Date.now() + 1));
        await expectCode(source.fetchSvid({ audience: "a" }), "UNAVAILABLE");
      },
      { lifeMs: 2000, onError: ({ code }) => void errors.push(code) },
    );
  });

  it("WLAPI-22: gives a token no longer when the endpoint refuses", () =>
    withSource(async (source, api) => {
      await source.fetchSvid({ audience: "a" });
      api.refuse();
      await expect.poll(() => source.health.state).toBe("withdrawn");
      await expectCode(source.fetchSvid({ audience: "a" }), "DENIED");
    }));

  it("ends when the endpoint does not answer, with TypeError without an audience, and with CLOSED after disposal", () =>
    withSource(
      async (source, api) => {
        api.onUnary("FetchJWTSVID", () => new Promise(() => undefined));
        await expectCode(source.fetchSvid({ audience: "a" }), "UNAVAILABLE");
        for (const audience of [[], [""], ""])
          await expect(source.fetchSvid({ audience })).rejects.toBeInstanceOf(TypeError);
        await source[Symbol.asyncDispose]();
        await expectCode(source.fetchSvid({ audience: "a" }), "CLOSED");
        await expectCode(source.validate("x", { audience: "a" }), "CLOSED");
      },
      { timeoutMs: 100 },
    ));
});

describe("validate of a JwtSource", () => {
  it("WLAPI-34: asks the endpoint, and judges itself only when it is told to", () =>
    withSource(async (source, api) => {
      const token = authority.issue("/peer", ["me"]);
      api.onUnary("ValidateJWTSVID", ({ audience }: { audience: string }) => {
        if (audience !== "me") throw Object.assign(new Error("no"), { code: 3 });
        return { spiffe_id: "spiffe://example.org/peer", claims: toStruct({ asked: true }) };
      });
      const asked = await source.validate(token, { audience: "me" });
      expect([asked.id.path, asked.claims["asked"]]).toEqual(["/peer", true]);
      await expectCode(source.validate(token, { audience: "you" }), "INVALID_REQUEST");
      api.calls.length = 0;
      const local = await source.validate(token, { audience: "me", locally: true });
      expect([local.id.path, local.claims["aud"]]).toEqual(["/peer", ["me"]]);
      await expectCode(source.validate(token, { audience: "you", locally: true }), "AUD_MISMATCH");
      expect(api.calls).toEqual([]);
    }));

  it("WLAPI-10, WLAPI-35: judges with the bundle of the subject's trust domain, and none other", () =>
    withSource(async (source, api) => {
      const foreign = new TokenAuthority("foreign");
      api.pushJwtBundles({ "example.org": authority.jwks, "other.test": foreign.jwks });
      await expect.poll(() => source.bundles.size).toBe(2);
      const forged = foreign.issue("/peer", ["me"]);
      await expectCode(source.validate(forged, { audience: "me", locally: true }), "UNKNOWN_KEY");
      api.pushJwtBundles({ "other.test": foreign.jwks });
      await expect.poll(() => source.bundles.size).toBe(1);
      await expectCode(source.validate(forged, { audience: "me", locally: true }), "NO_BUNDLE");
    }));

  it("WLAPI-11: an X.509 authority's key is no JWT authority", () =>
    withSource(async (source, api) => {
      const ca = TestCa.create();
      api.pushX509({ svids: [{ ca }] });
      await using x509 = await X509Source.open({ address: api.address });
      const key = createPrivateKey(ca.keys.privateKey.export({ format: "pem", type: "pkcs8" }));
      const token = authority.issue("/peer", ["me"], { key });
      expect(x509.get(domain)?.authorities).toHaveLength(1);
      await expectCode(source.validate(token, { audience: "me", locally: true }), "BAD_SIGNATURE");
    }));
});

describe("the bundles of a JwtSource", () => {
  it("WLAPI-06, WLAPI-07: each message replaces the last one", () =>
    withSource(async (source, api) => {
      expect(source.get(domain)?.keys.size).toBe(1);
      const updates = source.updates()[Symbol.asyncIterator]();
      await updates.next();
      api.pushJwtBundles({ "example.org": '{"keys":[]}' });
      expect((await updates.next()).value?.get(domain)?.keys.size).toBe(0);
      await source[Symbol.asyncDispose]();
      expect((await updates.next()).done).toBe(true);
    }));

  it("gives up opening with the signal", async () => {
    await using api = await FakeWorkloadApi.start();
    const reason = new Error("stop");
    const abort = new AbortController();
    const opening = JwtSource.open({ address: api.address, signal: abort.signal });
    await expect.poll(() => api.streams.size).toBe(1);
    abort.abort(reason);
    await expect(opening).rejects.toBe(reason);
    await expect.poll(() => api.streams.size).toBe(0);
  });
});
