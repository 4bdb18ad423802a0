// SPDX-License-Identifier: Apache-2.0
import { type RegistrationEntry, setDigest, type StoredBundle } from "@mayfly/registration";
import {
  mayflyAgentService,
  type RpcChannel,
  type Sent,
  type SyncRequest,
  type SyncResponse,
  type VersionedBundle,
  type VersionedEntry,
} from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import { entryFromMessage } from "../entries/entry-message.ts";
import type { Delta, HeldSet, Versioned } from "../entries/held-set.ts";
import { AgentError } from "../errors.ts";
import { Outbox } from "../server/outbox.ts";
import { bundleFromMessage } from "../state/stored-bundle.ts";
import { agentVersion } from "../version.ts";
import type { SyncTarget } from "./sync-target.ts";

/** Pages of one revision are gathered up to this many things; a server that sends more is broken. */
const maxGathered = 1_000_000;

/**
 * Holds one Sync stream (mayfly.agent.v1): tells what the agent holds, applies what the server answers, acknowledges after that. Runs
 * until the stream ends. @throws {StatusError}; {AgentError} BAD_ANSWER when sets differ although they should not
 */
export async function runPushSession(channel: RpcChannel, target: SyncTarget, signal: AbortSignal): Promise<void> {
  const { held, log } = target;
  const requests = new Outbox<Sent<SyncRequest>>(openMessage(held));
  const gathered: SyncResponse[] = [];
  let first = true;
  for await (const response of channel.bidi(mayflyAgentService.methods.Sync, requests, { signal })) {
    if (response.send_versions) {
      requests.send({ versions: { entries: toRecord(held.entryVersions), bundles: toRecord(held.bundleVersions) } });
      continue;
    }
    gathered.push(response);
    if (response.more) {
      if (sizeOf(gathered) > maxGathered) throw new AgentError("BAD_ANSWER", "the server sends pages without end");
      continue;
    }
    const pages = gathered.splice(0);
    target.apply(toDelta(pages, log), "push");
    // A full comparison costs a pass over the set: at the start, and when the server offers one without a change.
    if (first || sizeOf(pages) === 0) assertSame(held, response);
    first = false;
    requests.send({ ack: { nonce: response.nonce, revision: response.revision } });
  }
}

function openMessage(held: HeldSet): Sent<SyncRequest> {
  return {
    open: {
      entries_digest: setDigest(held.entryVersions),
      bundles_digest: setDigest(held.bundleVersions),
      seen_revision: String(held.revision),
      agent_version: agentVersion,
    },
  };
}

function assertSame(held: HeldSet, { entries_digest: entries, bundles_digest: bundles }: SyncResponse): void {
  const same = entries.equals(setDigest(held.entryVersions)) && bundles.equals(setDigest(held.bundleVersions));
  if (!same) throw new AgentError("BAD_ANSWER", "the agent's set is not the server's after a delta");
}

function sizeOf(pages: readonly SyncResponse[]): number {
  return pages.reduce(
    (size, page) =>
      size + page.entries.length + page.removed_entry_ids.length + page.bundles.length + page.removed_bundles.length,
    0,
  );
}

function toDelta(pages: readonly SyncResponse[], log: Logger): Delta {
  return {
    revision: BigInt(pages.at(-1)?.revision ?? "0"),
    entries: pages.flatMap((page) => page.entries.flatMap((each) => readEntry(each, log))),
    removedEntries: pages.flatMap((page) => page.removed_entry_ids),
    bundles: pages.flatMap((page) => page.bundles.flatMap((each) => readBundle(each, log))),
    removedBundles: pages.flatMap((page) => page.removed_bundles),
  };
}

/** An entry that can't be used is held by its version only, so that the digests agree. */
function readEntry({ version, entry }: VersionedEntry, log: Logger): Versioned<RegistrationEntry>[] {
  if (entry === null) return [];
  try {
    return [{ id: entry.id, version, value: entryFromMessage(entry) }];
  } catch (error) {
    log.warn("entry_unusable", { entry_id: entry.id, error });
    return [{ id: entry.id, version, value: undefined }];
  }
}

function readBundle({ version, bundle }: VersionedBundle, log: Logger): Versioned<StoredBundle>[] {
  if (bundle === null) return [];
  try {
    return [{ id: bundle.trust_domain, version, value: bundleFromMessage(bundle) }];
  } catch (error) {
    log.warn("bundle_unusable", { trust_domain: bundle.trust_domain, error });
    return [{ id: bundle.trust_domain, version, value: undefined }];
  }
}

function toRecord(versions: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries(versions);
}
