// SPDX-License-Identifier: Apache-2.0

/** The definition of a tool that is trusted: the first that was seen, or the last that an operator approved. */
export interface PinnedTool {
  readonly server: string;
  readonly tool: string;
  /** Digest of the trusted definition. */
  readonly digest: string;
  /** Digest of the last other definition that was seen since, else `digest`: what an operator is asked about. */
  readonly seenDigest: string;
  /** `quarantined`: another definition was seen, and the tool is refused until an operator approves one, also if the old one comes back. */
  readonly state: "pinned" | "quarantined";
  /** Who pinned it: SPIFFE ID of the gateway that saw it first, or an operator's name. */
  readonly pinnedBy: string;
  readonly pinnedAt: Date;
  readonly seenAt: Date;
  /** Assigned by the store with every write of the tool; grows. */
  readonly revision: number;
}
