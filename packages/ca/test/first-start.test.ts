// SPDX-License-Identifier: Apache-2.0
import { Certificate } from "@mayfly/x509";
import { expect, it } from "vitest";
import { issueOne, leafOf, openTestService, requestFor } from "./support/test-service.ts";

it("SVID-01 a new trust domain has authorities for X.509- and JWT-SVIDs at once, and they sign", async () => {
  const { service } = await openTestService();
  const [x509, jwt] = [service.authorities.slots("x509"), service.authorities.slots("jwt")];
  expect([x509.records.length, jwt.records.length]).toEqual([1, 1]);
  const authority = Certificate.parse(x509.active?.certificate ?? new Uint8Array());
  expect(authority.uris).toEqual(["spiffe://example.org"]);
  expect(leafOf(await issueOne(service, requestFor("web"))).isSignedBy(authority)).toBe(true);
  const token = { spiffeId: "spiffe://example.org/web", audience: ["a"], ttlSeconds: 0, requester: "local" };
  expect((await service.signer.issueJwt(token)).keyId).toBe(jwt.active?.id);
});
