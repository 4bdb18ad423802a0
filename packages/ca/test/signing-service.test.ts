// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { decodeIntentBatch } from "@mayfly/journal";
import { Certificate } from "@mayfly/x509";
import { describe, expect, it } from "vitest";
import { MemoryKeyStore, openSigningService, type X509Request } from "../src/index.ts";
import { MemoryAuthorityStore, MemoryIssuanceLog } from "./support/memory-ports.ts";

function newSpki(): Uint8Array {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ format: "der", type: "spki" });
}

function requestFor(path: string, more: Partial<X509Request> = {}): X509Request {
  return {
    spki: newSpki(),
    spiffeId: `spiffe://example.org/${path}`,
    dnsNames: [],
    ttlSeconds: 0,
    purpose: "workload",
    requester: "local",
    ...more,
  };
}

describe("the signing service", () => {
  it("signs what it wrote into the log before", async () => {
    const store = new MemoryAuthorityStore();
    const log = new MemoryIssuanceLog();
    const service = await openSigningService({
      trustDomain: "example.org",
      store,
      log,
      keys: new MemoryKeyStore(),
    });
    const issued = await service.signer.issueX509([requestFor("a"), requestFor("b")]);
    expect(issued.map(({ spiffeId }) => spiffeId)).toEqual(["spiffe://example.org/a", "spiffe://example.org/b"]);
    const authority = Certificate.parse(service.authorities.slots("x509").active!.certificate!);
    const rows = await log.read(authority.subjectKeyId!, 0, 10);
    const serials = rows.flatMap(({ batch }) =>
      decodeIntentBatch(batch).map(({ serialNumber }) => BigInt(`0x${serialNumber}`).toString()),
    );
    expect(serials).toEqual(issued.map(({ serialNumber }) => serialNumber));
    for (const leaf of issued.flatMap(({ chain }) => chain)) {
      expect(Certificate.parse(leaf).isSignedBy(authority)).toBe(true);
    }
  });
});
