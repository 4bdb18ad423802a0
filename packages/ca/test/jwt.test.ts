// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey } from "node:crypto";
import { JwtBundle, TrustDomain, verifyJwtSvid } from "@mayfly/spiffe";
import { describe, expect, it } from "vitest";
import type { SigningService } from "../src/index.ts";
import { openTestService, readIntents } from "./support/test-service.ts";

const request = { spiffeId: "spiffe://example.org/a", audience: ["b", "c"], ttlSeconds: 0, requester: "local" };

function bundleOf(service: SigningService): JwtBundle {
  const keys = service.authorities.slots("jwt").records.map(({ id, publicKey }) => ({
    keyId: id,
    publicKey: createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" }),
  }));
  return new JwtBundle(TrustDomain.parse("example.org"), keys);
}

function decoded(token: string): { header: unknown; claims: unknown } {
  const [header, claims] = token.split(".").map((part) => Buffer.from(part, "base64url").toString());
  return { header: JSON.parse(header ?? "") as unknown, claims: JSON.parse(claims ?? "") as unknown };
}

describe("JWT-SVIDs", () => {
  it("JWT-04 JWT-05 JWT-06 JWT-16 have exactly the header and the claims of the standard", async () => {
    const { service, clock } = await openTestService();
    const { token, keyId, issuedAt, expiresAt } = await service.signer.issueJwt(request);
    const iat = clock.now().getTime() / 1000;
    const { header, claims } = decoded(token);
    expect(header).toEqual({ alg: "ES256", kid: service.authorities.slots("jwt").active?.id, typ: "JWT" });
    expect(claims).toEqual({ aud: ["b", "c"], exp: iat + 300, iat, sub: "spiffe://example.org/a" });
    expect([issuedAt.getTime() / 1000, expiresAt.getTime() / 1000]).toEqual([iat, iat + 300]);
    expect(keyId).toMatch(/^[A-Za-z0-9]{32}$/);
  });

  it("verify under the bundle, in every audience, until they expire", async () => {
    const { service, clock } = await openTestService();
    const bundle = bundleOf(service);
    const { token } = await service.signer.issueJwt(request);
    for (const audience of ["b", "c"]) {
      const svid = verifyJwtSvid(token, { get: () => bundle }, { audience: [audience], now: clock.now() });
      expect(svid.id.toString()).toBe("spiffe://example.org/a");
    }
    clock.advance(301);
    expect(() => verifyJwtSvid(token, { get: () => bundle }, { audience: ["b"], now: clock.now() })).toThrow(
      expect.objectContaining({ code: "EXPIRED" }),
    );
  });

  it("are recorded before they are signed", async () => {
    const { service, log } = await openTestService();
    const { token, expiresAt } = await service.signer.issueJwt({ ...request, entryId: "e1" });
    const signed = token.slice(0, token.lastIndexOf("."));
    const [intent] = await readIntents(log);
    expect(intent).toMatchObject({
      kind: "jwt",
      spiffeId: request.spiffeId,
      entryId: "e1",
      notAfter: expiresAt.getTime() / 1000,
      tbsHash: new Uint8Array(createHash("sha256").update(signed).digest()),
    });
  });

  it("JWT-18 end with their key at the latest", async () => {
    const { service, clock } = await openTestService();
    clock.advance(86_400 - 100);
    const { expiresAt } = await service.signer.issueJwt({ ...request, ttlSeconds: 3600 });
    expect(expiresAt).toEqual(service.authorities.slots("jwt").active?.notAfter);
  });

  it("keep the order and the repetitions of their audience", async () => {
    const { service } = await openTestService();
    const { token } = await service.signer.issueJwt({ ...request, audience: ["z", "a", "z"] });
    expect(decoded(token).claims).toMatchObject({ aud: ["z", "a", "z"] });
  });
});
