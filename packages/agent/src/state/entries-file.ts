// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "@mayfly/registration";
import type { Delta, HeldSet } from "../entries/held-set.ts";
import { readPrivate, writeAtomically } from "./atomic-file.ts";
import { type BundleRecord, bundleFromRecord, bundleToRecord } from "./stored-bundle.ts";

interface Record {
  readonly version: 1;
  /** SPIFFE ID of the agent that the set belongs to. */
  readonly agent_id: string;
  readonly revision: string;
  readonly entries: readonly { readonly version: string; readonly entry: RegistrationEntry }[];
  readonly bundles: readonly { readonly version: string; readonly bundle: BundleRecord }[];
}

/** Keeps the set over a restart; no private key is part of it. */
export async function saveEntries(path: string, agentId: string, held: HeldSet): Promise<void> {
  const record: Record = {
    version: 1,
    agent_id: agentId,
    revision: String(held.revision),
    entries: [...held.entries].map((entry) => ({ version: held.entryVersions.get(entry.id) ?? "", entry })),
    bundles: [...held.bundles].map(({ version, stored }) => ({ version, bundle: bundleToRecord(stored) })),
  };
  await writeAtomically(path, JSON.stringify(record));
}

/** What was kept, as a delta to an empty set; undefined when there is nothing of use: the server has it all. @throws {AgentError} STATE_UNSAFE */
export async function loadEntries(path: string, agentId: string): Promise<Delta | undefined> {
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as Record;
    if (record.version !== 1 || record.agent_id !== agentId) return undefined;
    return {
      revision: BigInt(record.revision),
      entries: record.entries.map(({ version, entry }) => ({ id: entry.id, version, value: entry })),
      removedEntries: [],
      bundles: record.bundles.map(({ version, bundle }) => {
        const value = bundleFromRecord(bundle);
        return { id: value.trustDomain, version, value };
      }),
      removedBundles: [],
    };
  } catch {
    // Damaged: only a cache is lost.
    return undefined;
  }
}
