// SPDX-License-Identifier: Apache-2.0
import type { EntryIndex } from "../entry-index.ts";
import type { NodeIndex } from "../node-index.ts";
import type { RegistrationEntry } from "../registration-entry.ts";
import type { Selector } from "../selector.ts";
import type { Finding } from "./finding.ts";

/** What is asked: any of the three may be left out. */
export interface ExplainQuestion {
  readonly spiffeId?: string | undefined;
  /** SPIFFE ID of the node that the process runs on. */
  readonly nodeId?: string | undefined;
  /** What was attested of the process; empty = nothing was, undefined = not asked about a process. */
  readonly selectors?: readonly Selector[] | undefined;
}

/** How far a node's agent is with what the server has for it. */
export type AgentState = "synced" | "behind" | "disconnected";

/** What is known. The decision depends on nothing else. */
export interface ExplainFacts {
  /** All entries that are known, expired ones too, so that they can be named. */
  readonly entries: EntryIndex;
  /** All attested nodes; undefined for an agent: its entries are those of its own node, and parents are not looked at. */
  readonly nodes?: NodeIndex | undefined;
  readonly now: Date;
  /** undefined, or an answer of undefined: not known. */
  readonly agentState?: ((nodeId: string) => AgentState | undefined) | undefined;
  /** Name of the own trust domain; undefined: IDs are not checked for it. */
  readonly trustDomain?: string | undefined;
  /** Trust domains with a stored bundle; undefined: bundles are not looked at. */
  readonly bundles?: ReadonlySet<string> | undefined;
}

/** What was decided, and why. */
export interface Explanation {
  /** Entries that the process gets now, by the rules of `matchEntries`, sorted by id. */
  readonly matches: readonly RegistrationEntry[];
  /** What stands in the way, nearest miss first; of matches, what is not as it may seem. At most 50. */
  readonly findings: readonly Finding[];
}
