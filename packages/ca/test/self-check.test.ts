// SPDX-License-Identifier: Apache-2.0
import { TrustDomain } from "@mayfly/spiffe";
import { Certificate, LeafWriter } from "@mayfly/x509";
import { describe, expect, it } from "vitest";
import { defaultSigningTtls } from "../src/index.ts";
import { newCounters, type SigningCounters } from "../src/issuing/counters.ts";
import { LocalSigner } from "../src/issuing/local-signer.ts";
import type { LeafEncoder } from "../src/issuing/x509-issuer.ts";
import { TrustedTime } from "../src/trusted-time.ts";
import { openTestService, readIntents, refusalOf, requestFor, type TestService } from "./support/test-service.ts";

/** Writes TBS as it should, then has `spoil` change them. */
function spoiledEncoder(certificate: Certificate, spoil: (tbs: Buffer) => Uint8Array): LeafEncoder {
  const writer = new LeafWriter({ certificate, signatureAlgorithm: "ecdsa-with-SHA256" });
  return {
    tbs: (fields) => spoil(Buffer.from(writer.tbs(fields))),
    certificate: (tbs, signature) => writer.certificate(tbs, signature),
  };
}

function signerWith(
  test: TestService,
  spoil: (tbs: Buffer) => Uint8Array,
): { signer: LocalSigner; counters: SigningCounters } {
  const counters = newCounters();
  const logger = {
    info: () => undefined,
    warn: () => undefined,
    error: (event: string) => void test.alarms.push(event),
  };
  const signer = new LocalSigner({
    trustDomain: TrustDomain.parse("example.org"),
    authorities: test.service.authorities,
    log: test.log,
    time: new TrustedTime(test.clock, logger),
    ttls: defaultSigningTtls,
    backdateSeconds: 30,
    logger,
    counters,
    encoderFor: ({ record }) => spoiledEncoder(Certificate.parse(record.certificate ?? new Uint8Array()), spoil),
  });
  return { signer, counters };
}

function replaced(from: string, to: string): (tbs: Buffer) => Uint8Array {
  return (tbs) => {
    const at = tbs.indexOf(Buffer.from(from, "hex"));
    if (at === -1) throw new TypeError("the template has what is replaced");
    Buffer.from(to, "hex").copy(tbs, at);
    return tbs;
  };
}

function asDnsName(tbs: Buffer): Uint8Array {
  tbs[tbs.indexOf("spiffe://example.org/web") - 2] = 0x82;
  return tbs;
}

describe("the self-check", () => {
  it.each([
    ["an extra key usage bit", replaced("03020780", "03020384")],
    ["key usage that is not critical", replaced("0603551d0f0101ff", "0603551d0f010100")],
    ["no authority key identifier", replaced("0603551d23", "0603551d63")],
    ["no subject key identifier", replaced("0603551d0e", "0603551d7e")],
    ["a CA's purpose", replaced("06082b06010505070301", "06082b06010505070303")],
    ["another name", replaced(Buffer.from("/web").toString("hex"), Buffer.from("/wed").toString("hex"))],
    ["the names not critical", replaced("0603551d110101ff", "0603551d11010100")],
    ["a DNS name in place of the URI", asDnsName],
  ])("ISS-D09 stops a template with %s: nothing comes out, the counter rises", async (_name, spoil) => {
    const test = await openTestService();
    const { signer, counters } = signerWith(test, spoil);
    const code = await refusalOf(() => signer.issueX509([requestFor("web/1"), requestFor("web")]));
    expect(code).toBe("SIGNER_SELF_CHECK_FAILED");
    expect(counters).toMatchObject({ x509Issued: 0, selfCheckFailures: 1 });
    expect(test.alarms).toEqual(["self_check_failed"]);
    expect(await readIntents(test.log)).toHaveLength(2);
  });

  it("lets what was not spoiled pass", async () => {
    const test = await openTestService();
    const { signer, counters } = signerWith(test, (tbs) => tbs);
    expect(await refusalOf(() => signer.issueX509([requestFor("x")]))).toBe("done");
    expect(counters).toMatchObject({ x509Issued: 1, selfCheckFailures: 0 });
  });
});
