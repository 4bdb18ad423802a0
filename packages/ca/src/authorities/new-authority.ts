// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";
import { Certificate, createCaCertificate, randomSerialNumber } from "@mayfly/x509";
import type { AuthorityKind, AuthorityRecord, KeyStore, SigningKey } from "../ports.ts";
import { authorityBackdateSeconds } from "./schedule.ts";

/** What a new authority is made from. */
export interface NewAuthorityOptions {
  /** "example.org". */
  readonly trustDomain: string;
  readonly keys: KeyStore;
  readonly kind: AuthorityKind;
  readonly now: Date;
  readonly ttlSeconds: number;
}

/** A new key in the key store and the prepared record of its authority, which nothing refers to yet. */
export async function createAuthority(options: NewAuthorityOptions): Promise<AuthorityRecord> {
  const { kind, keys, now, ttlSeconds } = options;
  const keyRef = `${kind}-${randomBytes(16).toString("hex")}`;
  const key = await keys.generate(keyRef);
  const second = Math.floor(now.getTime() / 1000);
  const notAfter = new Date((second + ttlSeconds) * 1000);
  const notBefore = new Date((second - authorityBackdateSeconds) * 1000);
  const common = {
    kind,
    slot: "prepared",
    keyRef,
    publicKey: key.publicKey,
    notAfter,
    notBefore,
    tainted: false,
    revoked: false,
  } as const;
  if (kind === "jwt") return { ...common, id: randomKeyId() };
  const certificate = Certificate.parse(await selfSigned(options.trustDomain, key, { notBefore, notAfter }));
  if (certificate.subjectKeyId === undefined) throw new TypeError("a CA certificate has a subject key identifier");
  return { ...common, id: certificate.subjectKeyId, certificate: certificate.der };
}

async function selfSigned(
  trustDomain: string,
  key: SigningKey,
  validity: { readonly notBefore: Date; readonly notAfter: Date },
): Promise<Uint8Array> {
  const { provider, publicKey, privateKey } = await key.webCrypto();
  return createCaCertificate({
    keys: { publicKey, privateKey },
    crypto: provider,
    trustDomainUri: `spiffe://${trustDomain}`,
    serialNumber: randomSerialNumber(),
    ...validity,
  });
}

/** 32 letters and digits, as SPIRE's key ids. */
function randomKeyId(): string {
  let id = "";
  while (id.length < 32)
    id += randomBytes(48)
      .toString("base64")
      .replaceAll(/[^A-Za-z0-9]/g, "");
  return id.slice(0, 32);
}
