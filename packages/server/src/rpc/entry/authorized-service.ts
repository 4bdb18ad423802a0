// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { RegistrationEntry } from "@mayfly/registration";
import {
  type EntryMask,
  type EntryMethods,
  type Sent,
  StatusError,
  type SyncAuthorizedEntriesRequest,
  type SyncAuthorizedEntriesResponse,
} from "@mayfly/rpc";
import type { SyncHub } from "../../sync/sync-hub.ts";
import type { AuthorizedEntries, EntrySet } from "../../views/authorized-entries.ts";
import { requireNode } from "../agent-caller.ts";
import type { Call, GuardedHandlers } from "../call.ts";
import type { Mask } from "../wire/mask.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { toEntryMessage } from "./entry-message.ts";

/** What answering agents that poll needs. */
export interface AuthorizedEntryDeps {
  readonly authorized: AuthorizedEntries;
  readonly hub: SyncHub;
}

type Response = Sent<SyncAuthorizedEntriesResponse>;

const pageSize = 500;

function sorted(set: EntrySet): RegistrationEntry[] {
  return [...set.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** At least one page, so that an empty list is an answer, too. */
function* pages<T>(items: readonly T[]): Generator<{ page: readonly T[]; more: boolean }> {
  for (let from = 0; from === 0 || from < items.length; from += pageSize) {
    yield { page: items.slice(from, from + pageSize), more: from + pageSize < items.length };
  }
}

function* entryPages(entries: readonly RegistrationEntry[], mask: Mask<EntryMask>): Generator<Response> {
  for (const { page, more } of pages(entries)) {
    yield { entries: page.map((entry) => toEntryMessage(entry, mask)), more };
  }
}

function* revisionPages(entries: readonly RegistrationEntry[]): Generator<Response> {
  for (const { page, more } of pages(entries)) {
    const revisions = page.map(({ id, revisionNumber, createdAt }) => ({
      id,
      revision_number: String(revisionNumber),
      created_at: String(createdAt),
    }));
    yield { entry_revisions: revisions, more };
  }
}

function checkFirst(first: SyncAuthorizedEntriesRequest): Mask<EntryMask> {
  if (first.ids.length > 0) throw invalidArgument("specifying IDs on initial request is not supported");
  const { output_mask: mask } = first;
  if (mask && !mask.revision_number) throw invalidArgument("revision number cannot be masked");
  return mask;
}

async function current({ authorized, hub }: AuthorizedEntryDeps, { caller }: Call): Promise<EntrySet> {
  const node = requireNode(caller);
  hub.notePoll(node.id);
  return await authorized.current(node);
}

async function* sync(
  deps: AuthorizedEntryDeps,
  requests: AsyncIterable<SyncAuthorizedEntriesRequest>,
  call: Call,
): AsyncGenerator<Response> {
  const messages = requests[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done === true) throw new StatusError(status.UNKNOWN, "EOF");
  const mask = checkFirst(first.value);
  const set = await current(deps, call);
  const entries = sorted(set);
  if (entries.length <= pageSize) {
    yield* entryPages(entries, mask);
    return;
  }
  yield* revisionPages(entries);
  for (let request = await messages.next(); request.done !== true; request = await messages.next()) {
    const wanted = request.value.ids.toSorted().flatMap((id) => set.get(id) ?? []);
    yield* entryPages(wanted, mask);
  }
}

/** What agents read of the entries they serve. */
export function authorizedEntryHandlers(
  deps: AuthorizedEntryDeps,
): Pick<GuardedHandlers<EntryMethods>, "GetAuthorizedEntries" | "SyncAuthorizedEntries"> {
  return {
    GetAuthorizedEntries: async ({ output_mask: mask }, call) => {
      const entries = sorted(await current(deps, call));
      return { entries: entries.map((entry) => toEntryMessage(entry, mask)) };
    },
    SyncAuthorizedEntries: (requests, call) => sync(deps, requests, call),
  };
}
