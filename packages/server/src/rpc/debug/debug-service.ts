// SPDX-License-Identifier: Apache-2.0
import type { BundleStore, EntryStore, NodeStore } from "@mayfly/registration";
import type { DebugCertificate, DebugMethods, GetInfoResponse } from "@mayfly/rpc";
import type { Certificate } from "@mayfly/x509";
import { type Clock, unixSeconds } from "../../clock.ts";
import type { GuardedHandlers } from "../call.ts";
import { parseIdText, toIdFields } from "../wire/spiffe-id.ts";

/** What the Debug service needs. */
export interface DebugServiceDeps {
  readonly entries: EntryStore;
  readonly nodes: NodeStore;
  readonly bundles: BundleStore;
  readonly clock: Clock;
  readonly startedAt: Date;
  /** The server's own chain with its root, leaf first. */
  ownChain(): readonly Certificate[];
}

/** Answers are as old as this at most. */
const cacheMs = 5000;

function describe(certificate: Certificate): DebugCertificate {
  const [uri = ""] = certificate.uris;
  return {
    id: toIdFields(parseIdText(uri).text),
    expires_at: String(unixSeconds(certificate.notAfter)),
    subject: certificate.subjectText,
  };
}

async function read(deps: DebugServiceDeps): Promise<GetInfoResponse> {
  const [agents, entries, bundles] = await Promise.all([
    deps.nodes.count({}),
    deps.entries.count({}),
    deps.bundles.count(),
  ]);
  return {
    svid_chain: deps.ownChain().map(describe),
    uptime: Math.floor((deps.clock.now().getTime() - deps.startedAt.getTime()) / 1000),
    agents_count: agents,
    entries_count: entries,
    federated_bundles_count: bundles,
  };
}

/** Numbers for people who look after the server. */
export function debugHandlers(deps: DebugServiceDeps): GuardedHandlers<DebugMethods> {
  let cached: { readonly answer: Promise<GetInfoResponse>; readonly atMs: number } | undefined;
  return {
    GetInfo: () => {
      if (cached === undefined || performance.now() - cached.atMs > cacheMs) {
        cached = { answer: read(deps), atMs: performance.now() };
        cached.answer.catch(() => {
          cached = undefined;
        });
      }
      return cached.answer;
    },
  };
}
