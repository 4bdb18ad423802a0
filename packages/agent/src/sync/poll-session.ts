// SPDX-License-Identifier: Apache-2.0
import { grpcCode } from "../grpc-code.ts";
import { entryVersion, type RegistrationEntry, type StoredBundle } from "@mayfly/registration";
import {
  bundleService,
  type EntryMessage,
  entryService,
  type RpcChannel,
  type Sent,
  StatusError,
  type SyncAuthorizedEntriesRequest,
} from "@mayfly/rpc";
import { entryFromMessage } from "../entries/entry-message.ts";
import type { Delta, HeldSet, Versioned } from "../entries/held-set.ts";
import { Outbox } from "../server/outbox.ts";
import { bundleFromMessage, bundleToRecord } from "../state/stored-bundle.ts";
import type { SyncTarget } from "./sync-target.ts";

const intervalMs = 5000;
const timeoutMs = 30_000;

const outputMask = {
  spiffe_id: true,
  selectors: true,
  federates_with: true,
  admin: true,
  downstream: true,
  revision_number: true,
  store_svid: true,
  x509_svid_ttl: true,
  jwt_svid_ttl: true,
  dns_names: true,
  expires_at: true,
  hint: true,
  created_at: true,
} as const;

/** Asks a server that knows no push (SPIRE) every 5 s for the whole set, as SPIRE's own agent does. Runs until a call fails. @throws {StatusError} */
export async function runPollSession(channel: RpcChannel, target: SyncTarget, signal: AbortSignal): Promise<void> {
  for (;;) {
    target.apply(await poll(channel, target, signal), "poll");
    await target.clock.sleep(intervalMs * (0.9 + 0.2 * Math.random()), signal);
  }
}

async function poll(channel: RpcChannel, { held, log }: SyncTarget, signal: AbortSignal): Promise<Delta> {
  const messages = await fetchEntries(channel, held, signal);
  const entries = messages.changed.flatMap((message): Versioned<RegistrationEntry>[] => {
    try {
      const value = entryFromMessage(message);
      return [{ id: value.id, version: entryVersion(value), value }];
    } catch (error) {
      log.warn("entry_unusable", { entry_id: message.id, error });
      return [];
    }
  });
  const removedEntries = [...held.entryVersions.keys()].filter((id) => !messages.listed.has(id));
  const names = new Set([...messages.listed].flatMap((id) => held.get(id)?.federatesWith ?? []));
  for (const { value } of entries) for (const name of value?.federatesWith ?? []) names.add(name);
  const bundles = await fetchBundles(channel, names, signal);
  const wanted = new Set(bundles.map(({ id }) => id));
  return {
    revision: held.revision + 1n,
    entries,
    removedEntries,
    bundles: bundles.filter(({ id, version }) => held.bundleVersions.get(id) !== version),
    removedBundles: [...held.bundleVersions.keys()].filter((id) => !wanted.has(id)),
  };
}

interface Fetched {
  readonly listed: ReadonlySet<string>;
  readonly changed: readonly EntryMessage[];
}

/** SyncAuthorizedEntries: whole entries when they fit on one page, else revisions first and then the entries that differ. */
async function fetchEntries(channel: RpcChannel, held: HeldSet, signal: AbortSignal): Promise<Fetched> {
  const requests = new Outbox<Sent<SyncAuthorizedEntriesRequest>>({ output_mask: outputMask });
  const listed = new Set<string>();
  const stale: string[] = [];
  const changed: EntryMessage[] = [];
  let pageSize = 0;
  let asked = false;
  const askNext = (): void => {
    if (stale.length === 0) return requests.end();
    asked = true;
    requests.send({ ids: stale.splice(0, pageSize) });
  };
  const method = entryService.methods.SyncAuthorizedEntries;
  for await (const page of channel.bidi(method, requests, { signal, timeoutMs })) {
    for (const entry of page.entries) {
      listed.add(entry.id);
      changed.push(entry);
    }
    pageSize ||= page.entry_revisions.length;
    for (const { id, revision_number, created_at } of page.entry_revisions) {
      listed.add(id);
      const known = held.get(id);
      const same = known?.revisionNumber === Number(revision_number) && known.createdAt === Number(created_at);
      if (!same) stale.push(id);
    }
    if (!page.more) (asked || pageSize > 0 ? askNext : () => requests.end())();
  }
  return { listed, changed };
}

async function fetchBundles(
  channel: RpcChannel,
  names: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Versioned<StoredBundle>[]> {
  const own = bundleFromMessage(await channel.unary(bundleService.methods.GetBundle, {}, { signal, timeoutMs }));
  const bundles = [own];
  for (const name of names) {
    try {
      const request = { trust_domain: name };
      const message = await channel.unary(bundleService.methods.GetFederatedBundle, request, { signal, timeoutMs });
      bundles.push(bundleFromMessage(message));
    } catch (error) {
      if (!(error instanceof StatusError && error.code === grpcCode.notFound)) throw error;
    }
  }
  return bundles.map((value) => ({ id: value.trustDomain, version: JSON.stringify(bundleToRecord(value)), value }));
}
