// SPDX-License-Identifier: Apache-2.0
import type { Json } from "./canonical-json.ts";

/** What a record is about. */
export type RecordKind =
  | "task"
  | "decision"
  | "call"
  | "approval"
  | "lease"
  | "grant"
  | "operator"
  | "profile"
  | "policy"
  | "issuance"
  | "guard"
  | "kill"
  | "quiet";

/** One line of the evidence: what was decided or done, under which task and identity, by whose approval. */
export interface LogRecord {
  readonly v: 1;
  /** 1 to 128 of `A-Z a-z 0-9 . _ : -`, beginning with a letter or digit; an intent and its outcome have the same. */
  readonly id: string;
  readonly kind: RecordKind;
  /** `intent` before the effect, `outcome` after it; `event` for what needs no second half. */
  readonly phase: "intent" | "outcome" | "event";
  /** RFC 3339, UTC, milliseconds: `2026-11-24T12:00:00.000Z`. */
  readonly at: string;
  /** Task ID; form as `id`. */
  readonly task?: string | undefined;
  /** SPIFFE ID of the agent. At most 2,048 bytes. */
  readonly agent?: string | undefined;
  /** Serial number of the certificate that was shown: 1 to 64 lower-case hex digits. */
  readonly serial?: string | undefined;
  readonly decision?: "allow" | "deny" | undefined;
  /** Approval ID; form as `id`. */
  readonly approval?: string | undefined;
  /** Lease ID; form as `id`. */
  readonly lease?: string | undefined;
  /** The tool as its server names it. At most 1,024 bytes. */
  readonly tool?: string | undefined;
  /** From `digestArguments`: `hmac-sha256:` and 64 hex digits. */
  readonly args_digest?: string | undefined;
  /** `sha256:` and 64 hex digits. */
  readonly policy_digest?: string | undefined;
  /** Who caused it: a SPIFFE ID, an operator's name. 1 to 2,048 bytes. */
  readonly actor: string;
  /** What else there is to say; its form is the kind's. Nothing secret. */
  readonly body: { readonly [name: string]: Json };
}

/** All kinds of records. */
export const recordKinds: readonly RecordKind[] = [
  "task",
  "decision",
  "call",
  "approval",
  "lease",
  "grant",
  "operator",
  "profile",
  "policy",
  "issuance",
  "guard",
  "kill",
  "quiet",
];
