// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";

/** What a `<cert:…>` placeholder tells of a certificate. Read with OpenSSL, so that it judges our own writer. */
export interface CertificateFacts {
  readonly kind: string;
  readonly uris: string;
  readonly secondsLeft: number;
  readonly subject: string;
  readonly dns: string;
  readonly key: string;
  readonly keyUsage: string;
  readonly extKeyUsage: string;
}

const usageNames = [
  "digitalSignature",
  "contentCommitment",
  "keyEncipherment",
  "dataEncipherment",
  "keyAgreement",
  "keyCertSign",
  "cRLSign",
  "encipherOnly",
  "decipherOnly",
];
const extendedUsageNames: Readonly<Record<string, string>> = {
  "1.3.6.1.5.5.7.3.1": "serverAuth",
  "1.3.6.1.5.5.7.3.2": "clientAuth",
};
const keyUsageOid = Buffer.from("0603551d0f", "hex");

function keyUsageText(der: Buffer): string {
  const at = der.indexOf(keyUsageOid);
  if (at === -1) return "";
  const bits = der.indexOf(Buffer.from([0x03]), der.indexOf(Buffer.from([0x04]), at + keyUsageOid.length));
  const unused = der[bits + 2] ?? 0;
  const bytes = der.subarray(bits + 3, bits + 2 + (der[bits + 1] ?? 0));
  const set = usageNames.filter((_, index) => {
    const byte = bytes[index >> 3] ?? 0;
    return index < bytes.length * 8 - unused && (byte & (0x80 >> (index & 7))) !== 0;
  });
  return set.join("+");
}

/** `ec-p256`, `rsa-2048`, `ed25519`. */
export function keyKind(key: KeyObject): string {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === "ec") return namedCurve === "prime256v1" ? "ec-p256" : `ec-${String(namedCurve)}`;
  return key.asymmetricKeyType === "rsa" ? `rsa-${String(modulusLength)}` : String(key.asymmetricKeyType);
}

function subjectText(subject: string | undefined): string {
  const parts = (subject ?? "").split("\n").filter((part) => part !== "");
  return parts
    .reverse()
    .map((part) => part.replace(/^serialNumber=.*$/, "SERIALNUMBER=n"))
    .join(",");
}

function subjectAltNames(certificate: X509Certificate, kind: string): string {
  const names = (certificate.subjectAltName ?? "").split(", ").filter((name) => name.startsWith(`${kind}:`));
  return names.map((name) => name.slice(kind.length + 1)).join(",");
}

export function certificateFacts(der: Buffer): CertificateFacts {
  const certificate = new X509Certificate(der);
  return {
    kind: certificate.ca ? "ca" : "leaf",
    uris: subjectAltNames(certificate, "URI"),
    secondsLeft: (new Date(certificate.validTo).getTime() - Date.now()) / 1000,
    subject: subjectText(certificate.subject),
    dns: subjectAltNames(certificate, "DNS"),
    key: keyKind(certificate.publicKey),
    keyUsage: keyUsageText(der),
    extKeyUsage: (certificate.keyUsage ?? []).map((oid) => `eku=${extendedUsageNames[oid] ?? oid}`).join(" "),
  };
}

/** Cuts concatenated DER at the outer lengths. */
export function splitDer(bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1] ?? 0;
    const count = first < 0x80 ? 0 : first & 0x7f;
    const length = count === 0 ? first : bytes.readUIntBE(at + 2, count);
    const end = at + 2 + count + length;
    parts.push(bytes.subarray(at, end));
    at = end;
  }
  return parts;
}

export function publicKeyKind(spki: Buffer): string {
  return keyKind(createPublicKey({ key: spki, format: "der", type: "spki" }));
}
