// SPDX-License-Identifier: Apache-2.0
import type { KeyObject } from "node:crypto";

/** What an authority signs: certificates or tokens. */
export type AuthorityKind = "x509" | "jwt";

/** active signs; prepared is published and waits; old was active before; retired left the slots but stays in the bundle until it ends. */
export type AuthoritySlot = "active" | "prepared" | "old" | "retired";

/** An authority as it is stored: everything but its private key. */
export interface AuthorityRecord {
  readonly kind: AuthorityKind;
  /** X.509: lower-case hex of the subject key identifier; JWT: the `kid`. */
  readonly id: string;
  readonly slot: AuthoritySlot;
  /** Name of the private key in the key store. */
  readonly keyRef: string;
  /** PKIX SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  /** DER of the self-signed certificate; only for x509. */
  readonly certificate?: Uint8Array | undefined;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly tainted: boolean;
  readonly revoked: boolean;
}

/** One edit of the server's own bundle; each commit with edits adds 1 to its sequence number. */
export type BundleEdit =
  | { readonly op: "add-x509"; readonly certificate: Uint8Array }
  | { readonly op: "add-jwt"; readonly keyId: string; readonly publicKey: Uint8Array; readonly expiresAt: Date }
  | { readonly op: "taint-x509" | "remove-x509"; readonly certificate: Uint8Array }
  | { readonly op: "taint-jwt" | "remove-jwt"; readonly keyId: string };

/** Where authorities live. Slots and the own bundle change together or not at all. */
export interface AuthorityStore {
  /** All records of one kind, oldest first, with the version to hand back to `commit`. */
  list(kind: AuthorityKind): Promise<{ readonly version: number; readonly records: readonly AuthorityRecord[] }>;
  /** Replaces the records of one kind and applies the edits in one transaction; false when `version` is not the stored one any more. */
  commit(change: {
    readonly kind: AuthorityKind;
    readonly version: number;
    readonly records: readonly AuthorityRecord[];
    readonly edits: readonly BundleEdit[];
  }): Promise<boolean>;
}

/** The issuance log of each authority: durable before the promise resolves. One row per batch. */
export interface IssuanceLog {
  /** Appends one encoded batch of intents (see `journal`) holding `count` certificates; returns its index in this authority's log. */
  append(authorityId: string, batch: Uint8Array, count: number): Promise<number>;
  /** Rows from `fromIndex` on, in order, at most `limit`. */
  read(
    authorityId: string,
    fromIndex: number,
    limit: number,
  ): Promise<readonly { readonly index: number; readonly batch: Uint8Array }[]>;
  authorities(): Promise<readonly string[]>;
}

/** A key that signs and never leaves its store. */
export interface SigningKey {
  /** PKIX SubjectPublicKeyInfo, DER. */
  readonly publicKey: Uint8Array;
  readonly publicKeyObject: KeyObject;
  /** ECDSA with SHA-256 over `data`: `der` is the ASN.1 form of X.509, `p1363` the raw r||s of JWS. */
  sign(data: Uint8Array, encoding: "der" | "p1363"): Uint8Array | Promise<Uint8Array>;
  /** The same key in WebCrypto's terms, for what writes CA certificates and requests. Slow next to `sign`. */
  webCrypto(): Promise<WebCryptoKeys>;
}

/** A key pair as handles of the WebCrypto provider that holds it; the private one can't be exported. */
export interface WebCryptoKeys {
  /** A `Crypto`. */
  readonly provider: object;
  /** Two `CryptoKey`s of the provider. */
  readonly publicKey: object;
  readonly privateKey: object;
}

/** Makes and uses authority keys (P-256), never returns private bytes. */
export interface KeyStore {
  /** Makes a key under a new name. @throws when the name is taken */
  generate(name: string): Promise<SigningKey>;
  /** undefined when there is no such key. */
  open(name: string): Promise<SigningKey | undefined>;
  delete(name: string): Promise<void>;
}

/** One certificate to issue; who may have it is the caller's decision, what may be signed at all is the signer's. */
export interface X509Request {
  /** PKIX SubjectPublicKeyInfo, DER, of the key to certify. */
  readonly spki: Uint8Array;
  readonly spiffeId: string;
  readonly dnsNames: readonly string[];
  /** Seconds wished for; capped by the authority's end. 0 = the default of the purpose. */
  readonly ttlSeconds: number;
  /** End of what it is issued for, a registration entry say; it lives no longer. */
  readonly endsBy?: Date | undefined;
  readonly purpose: "workload" | "agent" | "server" | "mint";
  /** Who asked: an agent's SPIFFE ID, "local" or "server"; goes into the log. */
  readonly requester: string;
  /** DER Name, only for "mint". */
  readonly subjectDer?: Uint8Array | undefined;
  readonly entryId?: string | undefined;
  readonly entryRevision?: number | undefined;
}

/** An X.509-SVID (X509-SVID §2) without its private key, which the signer never sees. Times are whole seconds. */
export interface IssuedX509 {
  /** DER, leaf first; the root is not included. */
  readonly chain: readonly Uint8Array[];
  readonly spiffeId: string;
  /** Decimal. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hex SKI of the authority that signed. */
  readonly authorityId: string;
}

/** A CA certificate for another server of the trust domain, which then signs on its own and outside of this log. */
export interface DownstreamCaRequest {
  /** PKIX SubjectPublicKeyInfo, DER, of the key that the other server signs with. */
  readonly spki: Uint8Array;
  /** Seconds wished for; 0 = up to the authority's end, which caps it anyway. */
  readonly ttlSeconds: number;
  /** SPIFFE ID of the other server, as a workload of this one. */
  readonly requester: string;
  /** The registration entry that makes it a downstream server. */
  readonly entryId: string;
  readonly entryRevision: number;
}

/** What a downstream server signs with. Times are whole seconds. */
export interface IssuedDownstreamCa {
  /** DER, the new CA first; the root is not included. */
  readonly chain: readonly Uint8Array[];
  /** Decimal. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Hex SKI of the authority that signed. */
  readonly authorityId: string;
}

/** One token to issue. */
export interface JwtRequest {
  readonly spiffeId: string;
  readonly audience: readonly string[];
  /** Seconds; 0 = default; capped by the key's end. */
  readonly ttlSeconds: number;
  /** As for certificates. */
  readonly endsBy?: Date | undefined;
  readonly requester: string;
  readonly entryId?: string | undefined;
}

/** A JWT-SVID (JWT-SVID §2), ES256 in compact form: a secret. Times are whole seconds. */
export interface IssuedJwt {
  readonly token: string;
  readonly spiffeId: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  readonly keyId: string;
}

/** The signing port: in the server's process by default, another process by wiring. All or nothing per call. */
export interface Signer {
  issueX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]>;
  issueJwt(request: JwtRequest): Promise<IssuedJwt>;
  issueDownstreamCa(request: DownstreamCaRequest): Promise<IssuedDownstreamCa>;
}
