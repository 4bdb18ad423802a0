// SPDX-License-Identifier: Apache-2.0
export type { AttestedNode } from "./attested-node.ts";
export { formatDuration, parseDuration } from "./duration.ts";
export type { RegistrationEntry } from "./registration-entry.ts";
export type { Selector } from "./selector.ts";
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
