// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "./selector.ts";

/** A node that attested: the record that makes its SPIFFE ID an agent. */
export interface AttestedNode {
  readonly id: string;
  readonly attestationType: string;
  /** Decimal serial of the active agent SVID; empty = banned. */
  readonly serialNumber: string;
  /** Unix seconds: end of the active SVID. */
  readonly expiresAt: number;
  /** Decimal serial of a renewed SVID that was not used yet; empty = none. */
  readonly newSerialNumber: string;
  /** Unix seconds; 0 = none. */
  readonly newExpiresAt: number;
  readonly canReattest: boolean;
  readonly agentVersion: string;
  /** Node selectors, sorted by type and value, without duplicates. */
  readonly selectors: readonly Selector[];
}
