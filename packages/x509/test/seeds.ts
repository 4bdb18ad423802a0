// SPDX-License-Identifier: Apache-2.0
import { extension } from "../src/der-writer.ts";
import { createRequest, toPem } from "../src/index.ts";
import { ecKeys, issue, leafFields, openAuthority, spkiOf } from "./authority.ts";
import { certify, nameConstraints, party } from "./chains.ts";
import { der, dns, uri } from "./leaf-parts.ts";

/** Well-formed inputs to begin with, by target. */
export async function seeds(): Promise<Readonly<Record<string, readonly Uint8Array[]>>> {
  const authority = await openAuthority();
  const keys = ecKeys();
  const leaf = issue(authority, leafFields(spkiOf(keys), { dnsNames: ["web.example.org", "*.example.org"] }));
  const constraints = nameConstraints({ permitted: [uri("example.org")], excluded: [dns("bad.org")] });
  const r = party("R");
  const constrained = certify(r, r, {
    ca: true,
    pathLength: 2,
    extensions: [constraints, extension("1.2.3", false, der.hex("0500"))],
  });
  const certificates = [leaf, authority.certificate.der, constrained.der];
  return {
    certificate: certificates,
    certificates: [Uint8Array.from(certificates.flatMap((one) => [...one]))],
    request: [createRequest({ keys, uris: ["spiffe://example.org/web"], dnsNames: ["web"] }), createRequest({ keys })],
    key: [spkiOf(keys), spkiOf(ecKeys("P-384"))],
    pem: [
      Buffer.from(toPem("CERTIFICATE", leaf)),
      Buffer.from(toPem("PRIVATE KEY", leaf) + toPem("CERTIFICATE", leaf)),
    ],
  };
}

/** A changed copy: octets set, cut out, doubled; `random` gives whole numbers below its argument. */
export function mutate(seed: Uint8Array, random: (below: number) => number): Uint8Array {
  let bytes = Array.from(seed);
  for (let steps = 1 + random(4); steps > 0; steps -= 1) {
    const at = random(bytes.length + 1);
    const length = 1 + random(8);
    const kind = random(5);
    if (kind === 0) bytes[at] = random(256);
    else if (kind === 1) bytes[at] = (bytes[at] ?? 0) ^ (1 << random(8));
    else if (kind === 2) bytes.splice(at, length);
    else if (kind === 3) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else bytes = bytes.toSpliced(at, 1, random(256), (bytes[at + 1] ?? 0) + 1);
  }
  return Uint8Array.from(bytes);
}
