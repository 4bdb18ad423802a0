// SPDX-License-Identifier: Apache-2.0
import { diffSets, setDigest, type VersionMap } from "@mayfly/registration";
import type { Sent, SyncResponse, VersionedBundle, VersionedEntry } from "@mayfly/rpc";
import { toBundleMessage } from "../rpc/bundle/bundle-message.ts";
import { toEntryMessage } from "../rpc/entry/entry-message.ts";
import type { AgentView } from "./agent-view.ts";

/** What an agent holds, or is known to hold. */
export interface Held {
  readonly entries: VersionMap;
  readonly bundles: VersionMap;
}

export const holdsNothing: Held = { entries: new Map(), bundles: new Map() };

/** Entries in one response. */
const pageSize = 250;

function versionedEntries(view: AgentView, ids: readonly string[]): Sent<VersionedEntry>[] {
  return ids.flatMap((id) => {
    const entry = view.entries.get(id);
    return entry === undefined ? [] : { version: view.entryVersions.get(id) ?? "", entry: toEntryMessage(entry) };
  });
}

function versionedBundles(view: AgentView, names: readonly string[]): Sent<VersionedBundle>[] {
  return names.flatMap((name) => {
    const bundle = view.bundles.get(name);
    return bundle === undefined
      ? []
      : { version: view.bundleVersions.get(name) ?? "", bundle: toBundleMessage(bundle) };
  });
}

/** Digests of the whole sets of a view. */
export function digestsOf(view: AgentView): Pick<SyncResponse, "entries_digest" | "bundles_digest"> {
  return {
    entries_digest: Buffer.from(setDigest(view.entryVersions)),
    bundles_digest: Buffer.from(setDigest(view.bundleVersions)),
  };
}

/** The pages that bring an agent from `held` to `view`; none when it is there already. */
export function pagesTo(view: AgentView, held: Held, nonce: string): Sent<SyncResponse>[] {
  const entries = diffSets(held.entries, view.entryVersions);
  const bundles = diffSets(held.bundles, view.bundleVersions);
  const changed = [entries, bundles].some(({ upserts, removed }) => upserts.length + removed.length > 0);
  return changed ? buildPages(view, { entries, bundles }, nonce) : [];
}

type Diff = ReturnType<typeof diffSets>;

function buildPages(view: AgentView, diff: { entries: Diff; bundles: Diff }, nonce: string): Sent<SyncResponse>[] {
  const base = { nonce, revision: String(view.revision), ...digestsOf(view) };
  const count = Math.max(1, Math.ceil(diff.entries.upserts.length / pageSize));
  return Array.from({ length: count }, (_, index): Sent<SyncResponse> => {
    const from = index * pageSize;
    return {
      ...base,
      entries: versionedEntries(view, diff.entries.upserts.slice(from, from + pageSize)),
      more: index < count - 1,
      ...(index === 0 && {
        removed_entry_ids: [...diff.entries.removed],
        bundles: versionedBundles(view, diff.bundles.upserts),
        removed_bundles: [...diff.bundles.removed],
      }),
    };
  });
}
