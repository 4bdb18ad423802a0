// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import {
  Certificate,
  createCaCertificate,
  intermediateCertificate,
  intermediateTbs,
  LeafWriter,
  randomSerialNumber,
  verifyPath,
} from "@mayfly/x509";
import { BundleSet, PeerVerifier, TrustDomain, X509Bundle } from "@mayfly/spiffe";
import type { Report } from "../measure.ts";

const chains = 1_000;
const rounds = 9;
const hourMs = 3_600_000;
const clientAuth = "1.3.6.1.5.5.7.3.2";
const uri = "spiffe://bench.test";

interface Authority {
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

const newKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync("ec", { namedCurve: "P-256" });

function validity(): { serialNumber: Uint8Array; notBefore: Date; notAfter: Date } {
  const now = Date.now();
  return { serialNumber: randomSerialNumber(), notBefore: new Date(now - hourMs), notAfter: new Date(now + hourMs) };
}

const spkiOf = (key: KeyObject): Uint8Array => new Uint8Array(key.export({ format: "der", type: "spki" }));

async function openRoot(): Promise<Authority> {
  const keys = newKeys();
  const der = await createCaCertificate({ ...validity(), keys, trustDomainUri: uri });
  return { certificate: Certificate.parse(der), key: keys.privateKey };
}

function below(root: Authority): Authority {
  const keys = newKeys();
  const fields = { ...validity(), spki: spkiOf(keys.publicKey), uri, organizationalUnit: "bench" };
  const tbs = intermediateTbs(root.certificate, fields);
  const der = intermediateCertificate(tbs, sign("sha256", tbs, root.key));
  return { certificate: Certificate.parse(der), key: keys.privateKey };
}

function leafOf({ certificate, key }: Authority): Uint8Array {
  const writer = new LeafWriter({ certificate, signatureAlgorithm: "ecdsa-with-SHA256" });
  const spki = spkiOf(newKeys().publicKey);
  const tbs = writer.tbs({ ...validity(), spki, uri: `${uri}/workload`, dnsNames: [] });
  return writer.certificate(tbs, sign("sha256", tbs, key));
}

/** Microseconds of this thread's CPU that one of `chains` takes, collecting what it leaves behind included; median of rounds. */
function median(action: (chain: number) => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const from = process.threadCpuUsage();
    for (let chain = 0; chain < chains; chain++) action(chain);
    const { user, system } = process.threadCpuUsage(from);
    return (user + system) / chains;
  });
  return times.toSorted((a, b) => a - b)[rounds >> 1] ?? Number.NaN;
}

/** What judging a chain costs on top of its signatures, from the bytes to the path. */
export async function verifyPaths(report: Report): Promise<void> {
  const root = await openRoot();
  const anchors = [root.certificate];
  const judge = ([leaf = new Uint8Array(), ...others]: readonly Uint8Array[]): Certificate[] =>
    verifyPath(
      Certificate.parse(leaf),
      others.map((der) => Certificate.parse(der)),
      anchors,
      { now: new Date(), eku: clientAuth },
    );
  const many = <Item>(make: () => Item): Item[] => Array.from({ length: chains }, make);
  const direct = many(() => [leafOf(root)]);
  const one = below(root);
  const known = many(() => [leafOf(one), one.certificate.der]);
  const signed = direct.flatMap((chain) => chain.map((der) => Certificate.parse(der)));
  const { publicKey } = root.certificate;
  const signature = median((at) => {
    const certificate = signed[at] ?? root.certificate;
    return verify("sha256", certificate.tbs, publicKey, certificate.signature);
  });
  // Each is shown for the first time in every round: more than are remembered lie between.
  const fresh = many(() => {
    const intermediate = below(root);
    return [leafOf(intermediate), intermediate.certificate.der];
  });
  const add = (figure: string, value: number, target: string): void =>
    report.add({ bench: "verify-path", system: "mayfly", figure, value, unit: "µs", target });
  add("one P-256 verification", signature, "");
  add("2 certificates, on top of 1 signature", median((at) => judge(direct[at] ?? [])) - signature, "≤ 60 µs");
  add("3, intermediate seen, on top of 2", median((at) => judge(known[at] ?? [])) - 2 * signature, "≤ 60 µs");
  add("3, intermediate new, on top of 2", median((at) => judge(fresh[at] ?? [])) - 2 * signature, "≤ 60 µs");
  const bundles = BundleSet.of(new X509Bundle(TrustDomain.parse(uri), anchors));
  const remembering = (): PeerVerifier => new PeerVerifier({ bundles, role: "client" });
  const now = new Date();
  const unseen = (list: readonly Uint8Array[][]): number => median((at) => remembering().verify(list[at] ?? [], now));
  add("PeerVerifier: 2, on top of 1 signature", unseen(direct) - signature, "≤ 60 µs");
  add("PeerVerifier: 3, intermediate seen, on top of 2", unseen(known) - 2 * signature, "≤ 60 µs");
  add("PeerVerifier: 3, intermediate new, on top of 2", unseen(fresh) - 2 * signature, "");
  const verifier = remembering();
  for (const chain of fresh) verifier.verify(chain, now);
  add(
    "PeerVerifier: 3, seen",
    median((at) => verifier.verify(fresh[at] ?? [], now)),
    "≤ 15 µs",
  );
}
