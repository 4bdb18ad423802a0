// SPDX-License-Identifier: Apache-2.0
import type { Signer, X509Request } from "@mayfly/ca";
import type { AttestedNode } from "@mayfly/registration";
import type {
  IssuedSvid,
  IssueX509Request,
  IssueX509Response,
  KeyToCertify,
  MayflyAgentMethods,
  Sent,
} from "@mayfly/rpc";
import { unixSeconds } from "../../clock.ts";
import { type AcceptableKeys, KeyRefusedError } from "../../issuing/acceptable-key.ts";
import { type IssueOutcome, issueBatch } from "../../issuing/issue-batch.ts";
import type { SyncHub } from "../../sync/sync-hub.ts";
import type { AuthorizedEntries } from "../../views/authorized-entries.ts";
import { requireNode } from "../agent-caller.ts";
import type { GuardedHandlers } from "../call.ts";
import { notAuthorized, workloadRequest } from "../svid/agent-svids.ts";
import { okStatus } from "../wire/batch.ts";
import { invalidArgument, notFound } from "../wire/refusal.ts";

/** What our own agents need of a server. */
export interface AgentSyncDeps {
  readonly hub: SyncHub;
  readonly signer: Signer;
  readonly authorized: AuthorizedEntries;
  readonly keys: AcceptableKeys;
}

/** Published limit. */
const maxKeys = 500;

/** The agent vouches for keys that it made: its own authenticated channel stands in for the signature of a CSR. */
async function prepare(deps: AgentSyncDeps, node: AttestedNode, key: KeyToCertify): Promise<X509Request> {
  if (key.entry_id === "") throw invalidArgument("missing entry ID");
  const entry = await deps.authorized.find(node, key.entry_id);
  if (entry === undefined) throw notFound(notAuthorized);
  try {
    deps.keys.check(key.public_key, node.id);
  } catch (error) {
    if (error instanceof KeyRefusedError) throw invalidArgument(`unacceptable key: ${error.message}`, { cause: error });
    throw error;
  }
  return workloadRequest(entry, key.public_key, node.id);
}

function toResult(outcome: IssueOutcome): Sent<IssuedSvid> {
  if (!("issued" in outcome)) return { status: outcome.status };
  const { chain, notAfter } = outcome.issued;
  return { status: okStatus, cert_chain: chain, expires_at: String(unixSeconds(notAfter)) };
}

async function issue(
  deps: AgentSyncDeps,
  { keys }: IssueX509Request,
  node: AttestedNode,
): Promise<Sent<IssueX509Response>> {
  if (keys.length === 0) throw invalidArgument("missing keys");
  if (keys.length > maxKeys) throw invalidArgument(`more than ${String(maxKeys)} keys`);
  const outcomes = await issueBatch(deps.signer, keys, (key) => prepare(deps, node, key));
  return { results: outcomes.map(toResult) };
}

/** Push of reconciled sets, and issuing for keys that the agent made. */
export function agentSyncHandlers(deps: AgentSyncDeps): GuardedHandlers<MayflyAgentMethods> {
  return {
    Sync: (requests, call) => deps.hub.serve(requireNode(call.caller).id, requests, call),
    IssueX509: (request, { caller }) => issue(deps, request, requireNode(caller)),
  };
}
