// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, sign } from "node:crypto";
import { X509Svid } from "@mayfly/spiffe";
import { expectCode, TestCa, type TestIdentity } from "@mayfly/testkit";
import { Certificate } from "@mayfly/x509";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exact, signCallStatement, SourceError, verifyCallStatement } from "../src/index.ts";
import { sourceOf } from "./mtls/workload.ts";

const ca = TestCa.create();
const gateway = ca.issue("/gateway");
const tools = "spiffe://example.org/tools";
const source = sourceOf(gateway, [ca]);
const claims = { task: "t-1", call: "c-1", tool: "orders.query", argumentsDigest: "sha-256:00", approval: "a-1" };
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const rules = { source, gateways: exact("spiffe://example.org/gateway"), audience: tools, now };
// Not by a source, which gives out nothing that is expired.
const svidOf = ({ chain, privateKey }: TestIdentity): X509Svid =>
  X509Svid.of(
    chain.map((der) => Certificate.parse(der)),
    privateKey,
  );
const good = signCallStatement(claims, source.svid, { audience: [tools], now });

/** The good one with other parts, signed by the gateway's own key again. */
function resigned(over: { header?: object; payload?: object | string }): string {
  const [head = "", body = ""] = good.split(".");
  const read = (segment: string): object => JSON.parse(Buffer.from(segment, "base64url").toString()) as object;
  const header = JSON.stringify({ ...read(head), ...over.header });
  const payload = typeof over.payload === "string" ? over.payload : JSON.stringify({ ...read(body), ...over.payload });
  const input = [header, payload].map((part) => Buffer.from(part).toString("base64url")).join(".");
  const signature = sign("sha256", Buffer.from(input), { key: gateway.privateKey, dsaEncoding: "ieee-p1363" });
  return `${input}.${signature.toString("base64url")}`;
}

describe("call statements", () => {
  it("say who let which call through, for whom and until when", () => {
    expect(verifyCallStatement(good, rules)).toEqual({
      ...claims,
      issuer: "spiffe://example.org/gateway",
      audience: [tools],
      issuedAt: now,
      expiresAt: new Date(now.getTime() + 60_000),
    });
  });

  it.each([
    ["ES384", () => generateKeyPairSync("ec", { namedCurve: "secp384r1" })],
    ["PS256", () => generateKeyPairSync("rsa", { modulusLength: 2048 })],
  ])("are signed with an SVID's key of %s too", (algorithm, keys) => {
    const svid = svidOf(ca.issue("/gateway", { keys: keys() }));
    const token = signCallStatement(claims, svid, { audience: [tools], now });
    expect(Buffer.from(token.split(".")[0] ?? "", "base64url").toString()).toContain(algorithm);
    expect(verifyCallStatement(token, rules).call).toBe("c-1");
  });

  it("are refused from anybody who is no gateway, verified or not", async () => {
    const from = (identity: TestIdentity) => signCallStatement(claims, svidOf(identity), { audience: [tools], now });
    await expectCode(() => verifyCallStatement(from(ca.issue("/tools")), rules), "NOT_A_GATEWAY");
    await expectCode(() => verifyCallStatement(from(TestCa.create().issue("/gateway")), rules), "UNTRUSTED");
    await expectCode(() => verifyCallStatement(from(ca.expiredLeaf()), rules), "EXPIRED");
  });

  it("are refused when a certificate is revoked, and by a source that is closed", async () => {
    const revoking = sourceOf(gateway, [ca], [ca.revocationList([gateway])]);
    await expectCode(() => verifyCallStatement(good, { ...rules, source: revoking }), "REVOKED");
    await revoking[Symbol.asyncDispose]();
    expect(() => verifyCallStatement(good, { ...rules, source: revoking })).toThrow(SourceError);
  });

  it("are refused when they are for somebody else, too old, too young or too long-lived", async () => {
    const seconds = now.getTime() / 1000;
    await expectCode(() => verifyCallStatement(good, { ...rules, audience: `${tools}/x` }), "WRONG_AUDIENCE");
    await expectCode(() => verifyCallStatement(good, { ...rules, now: new Date(now.getTime() + 65_000) }), "EXPIRED");
    await expectCode(
      () => verifyCallStatement(good, { ...rules, now: new Date(now.getTime() - 6_000) }),
      "NOT_YET_VALID",
    );
    await expectCode(() => verifyCallStatement(resigned({ payload: { exp: seconds + 61 } }), rules), "TOO_LONG_LIVED");
    await expectCode(() => verifyCallStatement(resigned({ payload: { exp: seconds } }), rules), "TOO_LONG_LIVED");
    expect(() => signCallStatement(claims, source.svid, { audience: [tools], ttlSeconds: 61 })).toThrow(RangeError);
  });

  it("are refused with another type, algorithm or form, though the gateway signed it", async () => {
    await expectCode(() => verifyCallStatement(resigned({ header: { typ: "JWT" } }), rules), "BAD_TYPE");
    await expectCode(() => verifyCallStatement(resigned({ header: { alg: "none" } }), rules), "BAD_ALGORITHM");
    await expectCode(() => verifyCallStatement(resigned({ header: { alg: "HS256" } }), rules), "BAD_ALGORITHM");
    await expectCode(() => verifyCallStatement(resigned({ header: { crit: ["b64"] } }), rules), "MALFORMED");
    await expectCode(() => verifyCallStatement(resigned({ header: { x5c: [] } }), rules), "MALFORMED");
    await expectCode(() => verifyCallStatement(resigned({ payload: { extra: 1 } }), rules), "MALFORMED");
    await expectCode(() => verifyCallStatement(resigned({ payload: { aud: tools } }), rules), "MALFORMED");
    await expectCode(
      () => verifyCallStatement(resigned({ payload: { iss: "spiffe://example.org/x" } }), rules),
      "NOT_A_GATEWAY",
    );
    await expectCode(() => verifyCallStatement(resigned({ payload: '{"a":1,"a":2}' }), rules), "MALFORMED");
    await expectCode(() => verifyCallStatement("x".repeat(24_577), rules), "TOO_LARGE");
    await expectCode(
      () => signCallStatement({ ...claims, tool: "x\n" }, source.svid, { audience: [tools] }),
      "MALFORMED",
    );
  });

  it("hold no two ways of saying the same: any change of a character is refused", () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.constantFrom("A", "b", "-", ".", "=", "0"), (at, character) => {
        fc.pre(good[at] !== character);
        const changed = good.slice(0, at) + character + good.slice(at + 1);
        let code: unknown;
        try {
          verifyCallStatement(changed, rules);
        } catch (error) {
          code = (error as { code?: unknown }).code;
        }
        expect(typeof code).toBe("string");
      }),
      { numRuns: 150 },
    );
  });

  it("never fail with anything but a coded error", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.base64String()), { maxLength: 4 }), (segments) => {
        expect(() => verifyCallStatement(segments.join("."), rules)).toThrow(
          expect.objectContaining({ code: expect.any(String) }),
        );
      }),
    );
  });
});
