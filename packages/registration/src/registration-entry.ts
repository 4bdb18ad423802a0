// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "./selector.ts";

/** What an operator registered: processes (or nodes) with these selectors under this parent are this SPIFFE ID. IDs are canonical text that `SpiffeId.parse` accepted. */
export interface RegistrationEntry {
  readonly id: string;
  readonly spiffeId: string;
  readonly parentId: string;
  /** In the order given by the operator; at least one. */
  readonly selectors: readonly Selector[];
  /** Seconds; 0 = the server's default. */
  readonly x509SvidTtl: number;
  /** Seconds; 0 = the server's default. */
  readonly jwtSvidTtl: number;
  /** Trust domain names, sorted. */
  readonly federatesWith: readonly string[];
  readonly admin: boolean;
  readonly downstream: boolean;
  /** Unix seconds; 0 = never. */
  readonly expiresAt: number;
  readonly dnsNames: readonly string[];
  /** Starts at 0, plus 1 with each update. */
  readonly revisionNumber: number;
  readonly storeSvid: boolean;
  /** At most 1,024 bytes of UTF-8; empty = none. */
  readonly hint: string;
  /** Unix seconds. */
  readonly createdAt: number;
}
