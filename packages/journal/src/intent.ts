// SPDX-License-Identifier: Apache-2.0

/** The decision to sign one certificate or token, as it is recorded before the signature is made. */
export interface Intent {
  readonly kind: "x509" | "jwt";
  /** 1 to 64 lower-case hex digits: the certificate's serial number, or what identifies the token. Kept as written. */
  readonly serialNumber: string;
  /** At most 2,048 bytes. */
  readonly spiffeId: string;
  /** Unix seconds. */
  readonly notBefore: number;
  /** Unix seconds. */
  readonly notAfter: number;
  /** SHA-256 of what is going to be signed: a certificate's TBS in DER, or a token's signing input. 32 bytes. */
  readonly tbsHash: Uint8Array;
  /** Who asked, such as an agent's SPIFFE ID. At most 2,048 bytes of UTF-8. */
  readonly requester: string;
  /** Registration entry behind it; empty = none. At most 1,024 bytes of UTF-8. */
  readonly entryId: string;
  readonly entryRevision: number;
}

/** Longest texts of an intent, bytes of UTF-8. */
export const intentLimits: {
  readonly serialDigits: number;
  readonly spiffeId: number;
  readonly requester: number;
  readonly entryId: number;
} = {
  serialDigits: 64,
  spiffeId: 2048,
  requester: 2048,
  entryId: 1024,
};
