// SPDX-License-Identifier: Apache-2.0
export { agentsConcerned } from "./agents-concerned.ts";
export { authorizedSet } from "./authorized-set.ts";
export { EntryIndex } from "./entry-index.ts";
export { isExpired, isNodeAlias } from "./entry-rules.ts";
export { entryVersion } from "./entry-version.ts";
export { compareHintPriority, matchEntries } from "./match-entries.ts";
export { explain } from "./explain/explain.ts";
export type { AgentState, ExplainFacts, ExplainQuestion, Explanation } from "./explain/facts.ts";
export { type Finding, type FindingCode, findingMeanings } from "./explain/finding.ts";
export { RegistrationError, type RegistrationErrorCode } from "./errors.ts";
export { NodeIndex } from "./node-index.ts";
export { parseSelector } from "./parse-selector.ts";
export { formatSelector, type Selector } from "./selector.ts";
export { compareSelectors, SelectorSet } from "./selector-set.ts";
export { taskSelector, taskSelectorType } from "./task-selector.ts";
export { diffSets, type SetDiff, setDigest, type VersionMap } from "./versioned-set.ts";
export type { AttestedNode } from "./attested-node.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export type { RegistrationEntry } from "./registration-entry.ts";
export type {
  BundleStore,
  CommittedChanges,
  ConsumeTokenOutcome,
  CreateEntryOutcome,
  DeleteBundleMode,
  EntryFilter,
  EntryStore,
  JoinToken,
  JoinTokenStore,
  MatchBehavior,
  NewEntry,
  NodeFilter,
  NodeStore,
  Page,
  PageRequest,
  RevisionFeed,
  StoreChange,
  StoredBundle,
  StoredJwtAuthority,
  StoredX509Authority,
} from "./stores.ts";
