// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from "node:child_process";
import { randomInt, X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lintLeaf, randomSerialNumber, toPem } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { IssuedX509, X509Request } from "../src/index.ts";
import {
  activeCertificate,
  issueOne,
  leafOf,
  newSpki,
  openTestService,
  requestFor,
  type TestService,
} from "./support/test-service.ts";

const total = 10_000;
const batchSize = 250;

let test: TestService;
let folder: string;
const keys = [...Array.from({ length: 20 }, () => newSpki()), newSpki("P-384"), newSpki("P-521")];

beforeAll(async () => {
  test = await openTestService();
  folder = mkdtempSync(join(tmpdir(), "mayfly-profiles-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";

function word(maxLength: number, alphabet = letters): string {
  const text = Array.from({ length: randomInt(1, maxLength + 1) }, () => alphabet[randomInt(alphabet.length)]).join("");
  return /^\.+$/.test(text) ? "dots" : text;
}

function dnsName(): string {
  const label = (): string => `h${word(randomInt(1, 40), letters.slice(0, 26))}`;
  const name = Array.from({ length: randomInt(1, 5) }, label).join(".");
  return randomInt(10) === 0 ? `*.${name}` : name;
}

function randomRequest(): X509Request {
  const purpose = (["workload", "workload", "agent", "server", "mint"] as const)[randomInt(5)] ?? "workload";
  const path = Array.from({ length: randomInt(1, 6) }, () => word(randomInt(1, 60))).join("/");
  const prefix = { workload: "w/", mint: "m/", agent: "spire/agent/", server: "" }[purpose];
  const dnsNames = randomInt(2) === 0 ? [] : [...new Set(Array.from({ length: randomInt(1, 8) }, dnsName))];
  return requestFor(purpose === "server" ? "spire/server" : prefix + path, {
    purpose,
    spki: keys[randomInt(keys.length)] ?? newSpki(),
    dnsNames,
    ttlSeconds: randomInt(3) === 0 ? 0 : randomInt(1, 200_000),
  });
}

async function issueMany(): Promise<{ request: X509Request; issued: IssuedX509 }[]> {
  const pairs: { request: X509Request; issued: IssuedX509 }[] = [];
  while (pairs.length < total) {
    const requests = Array.from({ length: batchSize }, randomRequest);
    const issued = await test.service.signer.issueX509(requests);
    for (const [index, answer] of issued.entries())
      pairs.push({ request: requests[index] ?? randomRequest(), issued: answer });
  }
  return pairs;
}

const program = "openssl";

function openssl(options: readonly string[]): string {
  return execFileSync(program, options, { encoding: "utf8" });
}

describe("certificates", () => {
  it("ISS-D01 X509-09 of 10,000 random profiles lint clean, have serial numbers of their own, and stay inside the authority", async () => {
    const issuer = activeCertificate(test.service);
    const node = new X509Certificate(issuer.der);
    const serials = new Set<string>();
    for (const [index, { request, issued }] of (await issueMany()).entries()) {
      const leaf = leafOf(issued);
      serials.add(issued.serialNumber);
      const serialNumber = Buffer.from(leaf.serialNumber.toString(16).padStart(32, "0"), "hex");
      const { notBefore, notAfter } = issued;
      const expected = { ...request, uri: request.spiffeId, serialNumber, notBefore, notAfter, issuer };
      expect(lintLeaf(leaf, expected)).toEqual([]);
      expect(issued.serialNumber).toBe(leaf.serialNumber.toString());
      expect(leaf.notAfter <= issuer.notAfter && leaf.notBefore >= issuer.notBefore).toBe(true);
      expect(leaf.uris).toEqual([request.spiffeId]);
      expect(leaf.dnsNames).toEqual(request.dnsNames);
      if (index % 20 !== 0) continue;
      const other = new X509Certificate(leaf.der);
      expect(other.checkIssued(node) && other.verify(node.publicKey) && !other.ca).toBe(true);
      expect(BigInt(`0x${other.serialNumber}`)).toBe(leaf.serialNumber);
    }
    expect(serials.size).toBe(total);
  });

  it("ISS-D01 serial numbers are positive, of 16 octets, and never come twice in 200,000", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 200_000; i++) {
      const serial = randomSerialNumber();
      const first = serial[0] ?? 0;
      if (serial.length !== 16 || first === 0 || first > 0x7f) throw new Error("a serial number of another form");
      seen.add(Buffer.from(serial).toString("latin1"));
    }
    expect(seen.size).toBe(200_000);
  });

  it("are good in OpenSSL's eyes", async () => {
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, toPem("CERTIFICATE", activeCertificate(test.service).der));
    for (let i = 0; i < 12; i++) {
      const request = { ...randomRequest(), ttlSeconds: 3600 };
      const leaf = leafOf(await issueOne(test.service, request));
      const file = join(folder, `leaf-${i}.pem`);
      writeFileSync(file, toPem("CERTIFICATE", leaf.der));
      const at = String(Math.floor(test.clock.now().getTime() / 1000));
      const verdict = openssl(["verify", "-x509_strict", "-attime", at, "-CAfile", ca, file]);
      expect(verdict).toContain(": OK");
      const text = openssl(["x509", "-in", file, "-noout", "-text"]);
      expect(text).toContain(`URI:${request.spiffeId}`);
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/);
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
      expect(text).toContain("TLS Web Server Authentication, TLS Web Client Authentication");
      if (request.dnsNames.length === 0) expect(text).toContain("Subject Alternative Name: critical");
    }
  });

  it("X509-11 X509-12 X509-15 of authorities carry the trust domain, cA, keyCertSign and cRLSign only", () => {
    const authority = activeCertificate(test.service);
    expect(authority.uris).toEqual(["spiffe://example.org"]);
    expect(authority.isCa).toBe(true);
    expect(authority.keyUsage?.critical).toBe(true);
    expect(authority.keyUsage?.keyCertSign && authority.keyUsage.crlSign && !authority.keyUsage.digitalSignature).toBe(
      true,
    );
    expect(authority.extKeyUsage).toBeUndefined();
    expect(authority.isSignedBy(authority)).toBe(true);
  });
});
