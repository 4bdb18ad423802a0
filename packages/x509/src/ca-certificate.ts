// SPDX-License-Identifier: Apache-2.0
import { KeyObject, webcrypto } from "node:crypto";
import { Certificate } from "./certificate.ts";

/** What `createCaCertificate` needs. */
export interface CaCertificateOptions {
  /** Two WebCrypto CryptoKeys of `crypto`, or two KeyObjects (then `crypto` is not used). EC P-256, P-384, P-521 or RSA PKCS#1 v1.5. */
  readonly keys: { readonly publicKey: object; readonly privateKey: object };
  /** The WebCrypto provider that the keys belong to; default: Node's own. */
  readonly crypto?: object | undefined;
  /** "spiffe://example.org": becomes the URI name. */
  readonly trustDomainUri: string;
  /** Default "Mayfly CA"; at most 64 characters. */
  readonly commonName?: string | undefined;
  /** As in LeafFields; also goes into the subject, so that no two authorities share a name. */
  readonly serialNumber: Uint8Array;
  /** Fractions of a second are cut off. */
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const curves: Readonly<Record<string, string>> = { prime256v1: "P-256", secp384r1: "P-384", secp521r1: "P-521" };
const curveHashes: Readonly<Record<string, string>> = { "P-256": "SHA-256", "P-384": "SHA-384", "P-521": "SHA-512" };

async function importKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const { namedCurve } = key.asymmetricKeyDetails ?? {};
  const algorithm =
    key.asymmetricKeyType === "ec"
      ? { name: "ECDSA", namedCurve: curves[namedCurve ?? ""] ?? "" }
      : { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };
  if (key.type === "private") {
    return webcrypto.subtle.importKey("pkcs8", key.export({ format: "der", type: "pkcs8" }), algorithm, true, ["sign"]);
  }
  return webcrypto.subtle.importKey("spki", key.export({ format: "der", type: "spki" }), algorithm, true, ["verify"]);
}

async function toCryptoKey(key: object): Promise<CryptoKey> {
  return (key instanceof KeyObject ? await importKey(key) : key) as CryptoKey;
}

function signingAlgorithm(key: CryptoKey): EcdsaParams | Algorithm {
  const { name, namedCurve } = key.algorithm as EcKeyAlgorithm;
  return name === "ECDSA" ? { name, hash: curveHashes[namedCurve] ?? "SHA-256" } : { name };
}

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}

/**
 * A self-signed CA certificate, DER: subject O=Mayfly, CN, serialNumber (distinct for each authority); URI name of the trust domain;
 * basic constraints CA and key usage keyCertSign + cRLSign, both critical; SKI and AKI; no extended key usage (X509-SVID §4).
 * Written by @peculiar/x509, which is loaded at the first call; what it wrote is read again and its signature verified.
 * @throws {RangeError} when options can't be encoded; {Error} of the provider when it can't sign
 */
export async function createCaCertificate(options: CaCertificateOptions): Promise<Uint8Array> {
  const { trustDomainUri, commonName = "Mayfly CA", serialNumber } = options;
  if (commonName === "" || commonName.length > 64) throw new RangeError("a common name has 1 to 64 characters");
  // @NOTE @peculiar/x509 throws at import when reflect-metadata was not there before it.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const publicKey = await toCryptoKey(options.keys.publicKey);
  const privateKey = await toCryptoKey(options.keys.privateKey);
  const crypto = (options.keys.publicKey instanceof KeyObject ? webcrypto : (options.crypto ?? webcrypto)) as Crypto;
  const serial = Buffer.from(serialNumber).toString("hex");
  const made = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: serial,
      name: new x509.Name([
        { O: [{ utf8String: "Mayfly" }] },
        { CN: [{ utf8String: commonName }] },
        { "2.5.4.5": [{ printableString: serial }] },
      ]),
      notBefore: wholeSeconds(options.notBefore),
      notAfter: wholeSeconds(options.notAfter),
      signingAlgorithm: signingAlgorithm(publicKey),
      keys: { publicKey, privateKey },
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        new x509.SubjectAlternativeNameExtension([{ type: "url", value: trustDomainUri }], false),
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, crypto),
        await x509.AuthorityKeyIdentifierExtension.create(publicKey, false, crypto),
      ],
    },
    crypto,
  );
  const certificate = Certificate.parse(new Uint8Array(made.rawData));
  const sound = certificate.isSignedBy(certificate) && certificate.isCa && certificate.uris.join() === trustDomainUri;
  if (!sound) throw new RangeError("the CA certificate does not say what it should");
  return certificate.der;
}
