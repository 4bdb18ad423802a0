// SPDX-License-Identifier: Apache-2.0
import type { BoolValue, Int64, StringValue } from "../message.ts";
import type {
  EntryMask,
  EntryMessage,
  FederatesWithMatchMessage,
  SelectorMatchMessage,
  SpiffeIdMessage,
  StatusMessage,
} from "./types.ts";

/** Conditions on entries, ANDed. */
export interface EntryFilterMessage {
  readonly by_spiffe_id: SpiffeIdMessage | null;
  readonly by_parent_id: SpiffeIdMessage | null;
  readonly by_selectors: SelectorMatchMessage | null;
  readonly by_federates_with: FederatesWithMatchMessage | null;
  readonly by_hint: StringValue | null;
  readonly by_downstream: BoolValue | null;
}

/** Asks for the number of entries. */
export interface CountEntriesRequest {
  readonly filter: EntryFilterMessage | null;
}

/** Answers CountEntries. */
export interface CountEntriesResponse {
  readonly count: number;
}

/** Asks for a page of entries; `page_size` 0 = all. */
export interface ListEntriesRequest {
  readonly filter: EntryFilterMessage | null;
  readonly output_mask: EntryMask | null;
  readonly page_size: number;
  readonly page_token: string;
}

/** Answers ListEntries. */
export interface ListEntriesResponse {
  readonly entries: readonly EntryMessage[];
  readonly next_page_token: string;
}

/** Asks for one entry. */
export interface GetEntryRequest {
  readonly id: string;
  readonly output_mask: EntryMask | null;
}

/** Entries to create. */
export interface BatchCreateEntryRequest {
  readonly entries: readonly EntryMessage[];
  readonly output_mask: EntryMask | null;
}

/** Entries to change; an absent input mask replaces every field. */
export interface BatchUpdateEntryRequest {
  readonly entries: readonly EntryMessage[];
  readonly input_mask: EntryMask | null;
  readonly output_mask: EntryMask | null;
}

/** Outcome for one entry of a batch. */
export interface EntryResult {
  readonly status: StatusMessage | null;
  readonly entry: EntryMessage | null;
}

/** Answers BatchCreateEntry and BatchUpdateEntry, item by item. */
export interface BatchEntryResponse {
  readonly results: readonly EntryResult[];
}

/** Entries to delete. */
export interface BatchDeleteEntryRequest {
  readonly ids: readonly string[];
}

/** Answers BatchDeleteEntry, item by item. */
export interface BatchDeleteEntryResponse {
  readonly results: readonly { readonly status: StatusMessage | null; readonly id: string }[];
}

/** Asks for the calling agent's authorized set. */
export interface GetAuthorizedEntriesRequest {
  readonly output_mask: EntryMask | null;
}

/** Answers GetAuthorizedEntries. */
export interface GetAuthorizedEntriesResponse {
  readonly entries: readonly EntryMessage[];
}

/** First without ids, then with the ids of the entries that the agent wants whole. */
export interface SyncAuthorizedEntriesRequest {
  readonly output_mask: EntryMask | null;
  readonly ids: readonly string[];
}

/** Enough to see that an entry changed, or was deleted and made again. */
export interface EntryRevisionMessage {
  readonly id: string;
  readonly revision_number: Int64;
  readonly created_at: Int64;
}

/** A page of revisions or of whole entries; `more` = another page follows. */
export interface SyncAuthorizedEntriesResponse {
  readonly entry_revisions: readonly EntryRevisionMessage[];
  readonly entries: readonly EntryMessage[];
  readonly more: boolean;
}
