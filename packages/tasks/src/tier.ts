// SPDX-License-Identifier: Apache-2.0
import type { Effect } from "./scope/scope.ts";

/** How much an agent may do alone, and what is asked of it for that: T0 read-only assistant … T3 autonomous incident response. */
export type Tier = "T0" | "T1" | "T2" | "T3";

/** What a tier asks and allows. Limits of a task hold for all that its guards do. */
export interface TierRules {
  /** What must be proven of a process and its node; each tier asks for that of the one below too. */
  readonly attestation: "process" | "binary-digest" | "pinned-node" | "two-signals";
  readonly svidTtlSeconds: number;
  /** From start to deadline. */
  readonly maxTaskSeconds: number;
  /** How long an allow for a call without effect may be reused; 0 = never. Calls that write are always decided anew. */
  readonly readDecisionTtlSeconds: number;
  /** Of a call within the task's scope: goes on its own, needs an approval, or may not be in a scope at all. */
  readonly effects: Readonly<Record<Effect, "free" | "approval" | "refused">>;
  /** How many different people an approval takes. */
  readonly approvers: number;
  /** Depth of the deepest descendant; a root task is at 0. */
  readonly maxDepth: number;
  /** Children of one task that have not ended. */
  readonly maxChildren: number;
  /** The highest tier of a child. */
  readonly childTier: Tier;
  /** How long a guard that hears nothing of the server goes on allowing. */
  readonly fenceMs: number;
  /** `write-ahead`: no act without its durable record. */
  readonly audit: "async" | "write-ahead";
}

/** The tiers; the only place where they differ. */
export const tiers: Readonly<Record<Tier, TierRules>> = {
  T0: {
    attestation: "process",
    svidTtlSeconds: 3600,
    maxTaskSeconds: 8 * 3600,
    readDecisionTtlSeconds: 30,
    effects: { read: "free", reversible: "refused", irreversible: "refused" },
    approvers: 1,
    maxDepth: 0,
    maxChildren: 0,
    childTier: "T0",
    fenceMs: 30_000,
    audit: "async",
  },
  T1: {
    attestation: "binary-digest",
    svidTtlSeconds: 900,
    maxTaskSeconds: 4 * 3600,
    readDecisionTtlSeconds: 30,
    effects: { read: "free", reversible: "free", irreversible: "approval" },
    approvers: 1,
    maxDepth: 1,
    maxChildren: 2,
    childTier: "T1",
    fenceMs: 10_000,
    audit: "write-ahead",
  },
  T2: {
    attestation: "pinned-node",
    svidTtlSeconds: 300,
    maxTaskSeconds: 3600,
    readDecisionTtlSeconds: 0,
    effects: { read: "free", reversible: "free", irreversible: "free" },
    approvers: 1,
    maxDepth: 2,
    maxChildren: 3,
    childTier: "T2",
    fenceMs: 3_000,
    audit: "write-ahead",
  },
  T3: {
    attestation: "two-signals",
    svidTtlSeconds: 300,
    maxTaskSeconds: 3600,
    readDecisionTtlSeconds: 0,
    effects: { read: "free", reversible: "free", irreversible: "free" },
    approvers: 2,
    maxDepth: 2,
    maxChildren: 5,
    childTier: "T1",
    fenceMs: 3_000,
    audit: "write-ahead",
  },
};

/** Tier names, lowest first. */
export const tierNames: readonly Tier[] = ["T0", "T1", "T2", "T3"];

/** Whether a tier is at most another. */
export function isTierAtMost(tier: Tier, limit: Tier): boolean {
  return tierNames.indexOf(tier) <= tierNames.indexOf(limit);
}
