// SPDX-License-Identifier: Apache-2.0

/** What the signing service did since it was opened. */
export interface SigningCounters {
  readonly x509Issued: number;
  readonly jwtIssued: number;
  /** CA certificates for downstream servers. */
  readonly downstreamCasIssued: number;
  /** Answered with a certificate that was issued just before. */
  readonly x509Repeated: number;
  /** Signed, found not to be what was meant, and thrown away: each is a defect. */
  readonly selfCheckFailures: number;
  /** Requests for an authority's own key. */
  readonly authorityKeyRequests: number;
}

/** The same, where it is counted. */
export type MutableCounters = { -readonly [Name in keyof SigningCounters]: number };

/** All at nothing. */
export function newCounters(): MutableCounters {
  return {
    x509Issued: 0,
    jwtIssued: 0,
    downstreamCasIssued: 0,
    x509Repeated: 0,
    selfCheckFailures: 0,
    authorityKeyRequests: 0,
  };
}
