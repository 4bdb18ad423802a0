// SPDX-License-Identifier: Apache-2.0
import { extension } from "../src/der-writer.ts";
import { createRequest, toPem, writeRevocationList } from "../src/index.ts";
import { OID } from "../src/oid.ts";
import { ecKeys, issue, leafFields, openAuthority, spkiOf } from "./authority.ts";
import { certify, nameConstraints, now, party } from "./chains.ts";
import { der, dns, uri } from "./leaf-parts.ts";
import { crl, entries, entry, r, root } from "./revocation-lists.ts";

/** Well-formed inputs to begin with, by target. */
export async function seeds(): Promise<Readonly<Record<string, readonly Uint8Array[]>>> {
  const authority = await openAuthority();
  const keys = ecKeys();
  const leaf = issue(authority, leafFields(spkiOf(keys), { dnsNames: ["web.example.org", "*.example.org"] }));
  const constraints = nameConstraints({ permitted: [uri("example.org")], excluded: [dns("bad.org")] });
  const c = party("C");
  const constrained = certify(c, c, {
    ca: true,
    pathLength: 2,
    extensions: [constraints, extension("1.2.3", false, der.hex("0500"))],
  });
  const certificates = [leaf, authority.certificate.der, constrained.der];
  return {
    certificate: certificates,
    certificates: [Uint8Array.from(certificates.flatMap((one) => [...one]))],
    request: [createRequest({ keys, uris: ["spiffe://example.org/web"], dnsNames: ["web"] }), createRequest({ keys })],
    revocations: revocationLists(),
    key: [spkiOf(keys), spkiOf(ecKeys("P-384"))],
    pem: [
      Buffer.from(toPem("CERTIFICATE", leaf)),
      Buffer.from(toPem("PRIVATE KEY", leaf) + toPem("CERTIFICATE", leaf)),
    ],
  };
}

function revocationLists(): Uint8Array[] {
  const reason = extension(OID.reasonCode, false, der.hex("0a0101"));
  return [
    crl({}),
    crl({ entries: entries(entry(root.serialNumber, reason), entry(128n)) }),
    writeRevocationList({
      issuer: root,
      privateKey: r.keys.privateKey,
      thisUpdate: now,
      nextUpdate: new Date(now.getTime() + 60_000),
      number: 1n,
      revoked: [{ serialNumber: 1n, at: now }],
    }),
  ];
}
