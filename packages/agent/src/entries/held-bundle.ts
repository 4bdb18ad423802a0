// SPDX-License-Identifier: Apache-2.0
import { createHash, createPublicKey } from "node:crypto";
import type { StoredBundle } from "@mayfly/registration";
import { JwtBundle, TrustDomain, X509Bundle } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";

/** A bundle in the forms in which workloads get it, each made once. */
export class HeldBundle {
  readonly stored: StoredBundle;
  readonly version: string;
  readonly trustDomain: TrustDomain;
  readonly x509: X509Bundle;
  readonly jwt: JwtBundle;
  /** Concatenated DER. */
  readonly x509Der: Buffer;
  /** JWK Set, UTF-8 JSON. */
  readonly jwks: Buffer;
  /** Equal for equal `x509Der`. */
  readonly x509Digest: string;
  /** Equal for equal `jwks`. */
  readonly jwksDigest: string;
  readonly #trustedKeyIds: ReadonlySet<string>;
  readonly #trustedJwtKeys: ReadonlySet<string>;

  /** @throws {SpiffeIdError | X509Error | TypeError} for a bundle that can't be used */
  constructor(stored: StoredBundle, version: string) {
    this.stored = stored;
    this.version = version;
    this.trustDomain = TrustDomain.parse(stored.trustDomain);
    const certificates = stored.x509Authorities.map(({ der }) => Certificate.parse(der));
    this.x509 = new X509Bundle(this.trustDomain, certificates);
    this.jwt = new JwtBundle(
      this.trustDomain,
      stored.jwtAuthorities.map(({ keyId, publicKey }) => ({ keyId, publicKey: publicKeyOf(publicKey) })),
    );
    this.x509Der = Buffer.from(this.x509.toDer());
    this.jwks = Buffer.from(this.jwt.toJwks());
    this.x509Digest = digest(this.x509Der);
    this.jwksDigest = digest(this.jwks);
    this.#trustedKeyIds = new Set(
      certificates.flatMap(({ subjectKeyId }, index) =>
        subjectKeyId !== undefined && stored.x509Authorities[index]?.tainted === false ? [subjectKeyId] : [],
      ),
    );
    this.#trustedJwtKeys = new Set(stored.jwtAuthorities.flatMap(({ keyId, tainted }) => (tainted ? [] : [keyId])));
  }

  /** Whether what the X.509 authority with this key identifier (hex) signed may be used on: it is here and not tainted. */
  signsX509(authorityKeyId: string | undefined): boolean {
    return authorityKeyId === undefined || this.#trustedKeyIds.has(authorityKeyId);
  }

  /** The same for a JWT authority. */
  signsJwt(keyId: string): boolean {
    return this.#trustedJwtKeys.has(keyId);
  }
}

function publicKeyOf(spki: Uint8Array): ReturnType<typeof createPublicKey> {
  return createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" });
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64url");
}
