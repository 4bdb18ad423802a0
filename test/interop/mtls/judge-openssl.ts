// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output } from "../../processes.ts";
import { expect, type Suite } from "../suite.ts";
import type { MayflyBackend } from "./backend.ts";

/** What OpenSSL's command line says of the SVIDs that our agent hands out. */
export async function judgeOpenssl(suite: Suite, backend: MayflyBackend): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "mayfly-openssl-"));
  backend.create("/judged", 0, { ttlSeconds: 300, federatesWith: "other.test" });
  const authority = join(dir, "authority.pem");
  writeFileSync(authority, backend.authority());
  backend.mayfly("workload", "fetch", "x509", "--write", dir);
  const chain = join(dir, "svid.0.pem");
  const key = join(dir, "svid.0.key");
  for (const purpose of ["sslserver", "sslclient"]) {
    await suite.check(`openssl verify -x509_strict -purpose ${purpose} accepts an SVID of our agent`, () => {
      output([
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        purpose,
        "-CAfile",
        authority,
        "-untrusted",
        chain,
        chain,
      ]);
    });
  }
  await suite.check(
    "openssl sees one URI name, no CA, digitalSignature alone, both ends of TLS, and the leaf's own key",
    () => {
      const text = output(["openssl", "x509", "-in", chain, "-noout", "-text"]);
      const names = [...text.matchAll(/URI:(\S+)/g)].map(([, uri]) => uri);
      expect(names.length === 1 && names[0] === `spiffe://${backend.trustDomain}/judged`, names.join(" "));
      expect(/X509v3 Basic Constraints: critical\s+CA:FALSE/.test(text), text);
      expect(/X509v3 Key Usage: critical\s+Digital Signature\n/.test(text), text);
      expect(/TLS Web Server Authentication, TLS Web Client Authentication/.test(text), text);
      const spki = output(["openssl", "pkey", "-in", key, "-pubout"]);
      expect(spki === output(["openssl", "x509", "-in", chain, "-noout", "-pubkey"]), "key and certificate differ");
      expect(!readFileSync(chain, "utf8").includes("PRIVATE KEY"), "a certificate file holds a key");
    },
  );
  rmSync(dir, { recursive: true, force: true });
}
