// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { RegistrationEntry } from "@mayfly/registration";
import {
  type EntryMask,
  type GetAuthorizedEntriesRequest,
  StatusError,
  type SyncAuthorizedEntriesRequest,
  type SyncAuthorizedEntriesResponse,
} from "@mayfly/rpc";
import type { AuthorizedEntries, EntrySet } from "../../views/authorized-entries.ts";
import { requireNode } from "../agent-caller.ts";
import { type CallContext, type CallStream, type Handlers, streaming, unary } from "../handler.ts";
import type { Mask } from "../wire/mask.ts";
import { invalidArgument } from "../wire/refusal.ts";
import { toEntryMessage } from "./entry-message.ts";

type SyncStream = CallStream<SyncAuthorizedEntriesRequest, Partial<SyncAuthorizedEntriesResponse>>;

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

async function sendEntries(stream: SyncStream, entries: readonly RegistrationEntry[], mask: Mask<EntryMask>): Promise<void> {
  for (const { page, more } of pages(entries)) {
    await stream.send({ entries: page.map((entry) => toEntryMessage(entry, mask)), more });
  }
}

async function sendRevisions(stream: SyncStream, entries: readonly RegistrationEntry[]): Promise<void> {
  for (const { page, more } of pages(entries)) {
    const revisions = page.map(({ id, revisionNumber, createdAt }) => ({
      id,
      revision_number: String(revisionNumber),
      created_at: String(createdAt),
    }));
    await stream.send({ entry_revisions: revisions, more });
  }
}

async function firstMask(stream: SyncStream): Promise<Mask<EntryMask>> {
  const first = await stream.next();
  if (first === undefined) throw new StatusError(status.UNKNOWN, "EOF");
  if (first.ids.length > 0) throw invalidArgument("specifying IDs on initial request is not supported");
  const { output_mask: mask } = first;
  if (mask && !mask.revision_number) throw invalidArgument("revision number cannot be masked");
  return mask;
}

async function sync(authorized: AuthorizedEntries, stream: SyncStream, { caller }: CallContext): Promise<void> {
  const node = requireNode(caller);
  const mask = await firstMask(stream);
  const set = authorized.of(node);
  const entries = sorted(set);
  if (entries.length <= pageSize) {
    await sendEntries(stream, entries, mask);
    return;
  }
  await sendRevisions(stream, entries);
  for (let request = await stream.next(); request !== undefined; request = await stream.next()) {
    const wanted = request.ids.toSorted().flatMap((id) => set.get(id) ?? []);
    await sendEntries(stream, wanted, mask);
  }
}

/** What agents read of the entries they serve. */
export function authorizedEntryHandlers(authorized: AuthorizedEntries): Handlers {
  return {
    GetAuthorizedEntries: unary(({ output_mask: mask }: GetAuthorizedEntriesRequest, { caller }) => {
      const entries = sorted(authorized.of(requireNode(caller)));
      return Promise.resolve({ entries: entries.map((entry) => toEntryMessage(entry, mask)) });
    }),
    SyncAuthorizedEntries: streaming((stream: SyncStream, context) => sync(authorized, stream, context)),
  };
}
