// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

/** A certificate and its key. */
export interface Credential {
  readonly der: Buffer;
  readonly key: KeyObject;
}

function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length = body.length < 0x80 ? [body.length] : [0x82, body.length >> 8, body.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), body]);
}

const ecdsaWithSha256 = Buffer.from("300a06082a8648ce3d040302", "hex");

function name(text: string): Buffer {
  return tlv(0x30, tlv(0x31, tlv(0x30, Buffer.from("0603550403", "hex"), tlv(0x0c, Buffer.from(text)))));
}

/** A bare certificate for `subject`, signed by `issuer` or by itself; enough for a handshake whose verdict is the test's own. */
export function makeCertificate(subject: string, issuer?: Credential & { readonly subject: string }): Credential {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const tbs = tlv(
    0x30,
    tlv(0xa0, Buffer.from("020102", "hex")),
    tlv(0x02, Buffer.from([1]), randomBytes(7)),
    ecdsaWithSha256,
    name(issuer?.subject ?? subject),
    tlv(0x30, tlv(0x17, Buffer.from("260101000000Z")), tlv(0x17, Buffer.from("460101000000Z"))),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
  );
  const signature = sign("sha256", tbs, issuer?.key ?? privateKey);
  const der = tlv(0x30, tbs, ecdsaWithSha256, tlv(0x03, Buffer.from([0]), signature));
  return { der, key: createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })) };
}

export function toPem(der: Uint8Array): string {
  return `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString("base64")}\n-----END CERTIFICATE-----\n`;
}
