// SPDX-License-Identifier: Apache-2.0
import {
  EntryIndex,
  type EntryStore,
  explain,
  type ExplainFacts,
  type ExplainQuestion,
  type Finding,
} from "@mayfly/registration";
import type { ExplainRequest, ExplainResponse, FindingMessage, Sent } from "@mayfly/rpc";
import type { Clock } from "../../clock.ts";
import type { SyncHub } from "../../sync/sync-hub.ts";
import type { LiveViews } from "../../views/live-views.ts";
import { toEntryMessage } from "../entry/entry-message.ts";
import { invalidArgument, orInvalidArgument } from "../wire/refusal.ts";
import { parseSelectors } from "../wire/selector.ts";
import { parseIdText } from "../wire/spiffe-id.ts";

/** What explaining looks at. */
export interface ExplainDeps {
  readonly trustDomain: string;
  readonly entries: EntryStore;
  readonly views: LiveViews;
  readonly hub: SyncHub;
  readonly clock: Clock;
}

function parseQuestion({ spiffe_id: spiffeId, node_id: nodeId, selectors }: ExplainRequest): ExplainQuestion {
  if (spiffeId === "" && nodeId === "" && selectors.length === 0) throw invalidArgument("nothing is asked");
  return {
    ...(spiffeId !== "" && { spiffeId: orInvalidArgument("invalid SPIFFE ID", () => parseIdText(spiffeId).text) }),
    ...(nodeId !== "" && { nodeId: orInvalidArgument("invalid node ID", () => parseIdText(nodeId).text) }),
    ...(selectors.length > 0 && { selectors: orInvalidArgument("invalid selectors", () => parseSelectors(selectors)) }),
  };
}

/** From the store, since memory forgets entries when they end. */
async function gatherFacts({ entries, views, hub, clock, trustDomain }: ExplainDeps): Promise<ExplainFacts> {
  const { items } = await entries.list({}, { pageSize: 0 });
  return {
    entries: new EntryIndex(items),
    nodes: views.nodes,
    now: clock.now(),
    agentState: (nodeId) => hub.agentState(nodeId),
    trustDomain,
    bundles: new Set([...views.bundles()].map((bundle) => bundle.trustDomain)),
  };
}

function toMessage({ code, message, hint, entryId, spiffeId, nodeId }: Finding): FindingMessage {
  return { code, message, hint, entry_id: entryId, spiffe_id: spiffeId, node_id: nodeId };
}

/** Why a process does or does not get an identity. */
export async function explainIdentity(deps: ExplainDeps, request: ExplainRequest): Promise<Sent<ExplainResponse>> {
  const question = parseQuestion(request);
  const { matches, findings } = explain(question, await gatherFacts(deps));
  return { matches: matches.map((entry) => toEntryMessage(entry)), findings: findings.map(toMessage) };
}
