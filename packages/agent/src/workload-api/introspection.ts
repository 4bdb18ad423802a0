// SPDX-License-Identifier: Apache-2.0
import { grpcCode } from "../grpc-code.ts";
import { observeProcess, type ProcessFacts } from "@mayfly/attestation";
import {
  type AgentState,
  EntryIndex,
  explain,
  type Finding,
  type RegistrationEntry,
  type Selector,
  SelectorSet,
} from "@mayfly/registration";
import {
  type ExplainProcessRequest,
  type ExplainProcessResponse,
  type GetAgentStatusResponse,
  type ObstacleMessage,
  type Sent,
  StatusError,
} from "@mayfly/rpc";
import { unixSeconds } from "../clock.ts";
import { entryToMessage } from "../entries/entry-message.ts";
import type { HeldSet } from "../entries/held-set.ts";
import type { Standing } from "../standing.ts";
import { agentVersion } from "../version.ts";
import { explainTask } from "../tasks/explain-task.ts";
import { attestProcess } from "./caller.ts";
import { denied } from "./refusal.ts";
import type { WorkloadCall, WorkloadDeps } from "./workload-deps.ts";

/** What introspection needs beside the rest. */
export interface IntrospectionDeps extends WorkloadDeps {
  /** Open connections of workloads. */
  readonly connections: () => number;
}

/** What the agent sees of a process and what it would get: for root, the agent's own user and the process's user. @throws {StatusError} 7, 5 */
export async function explainProcess(
  deps: WorkloadDeps,
  { pid }: ExplainProcessRequest,
  call: WorkloadCall,
): Promise<Sent<ExplainProcessResponse>> {
  const facts = await processAskedAbout(pid, call);
  const { uid } = call.peer;
  const isOperator = uid === 0 || uid === process.getuid?.();
  if (!isOperator && uid !== facts.uid) {
    throw new StatusError(grpcCode.permissionDenied, "only root and the process's own user may ask about it");
  }
  const attested = await attestProcess(deps.attestors, facts);
  const now = deps.clock.now();
  const task = deps.bindings.of(facts, now);
  const selectors = [...attested, ...deps.bindings.selectorsOf(facts, now)];
  const agentId = deps.standing.svid?.id;
  const { matches, findings } = explain(
    { nodeId: agentId, selectors },
    {
      entries: new EntryIndex(isOperator ? deps.held.entries : entriesOf(deps.held, selectors)),
      now,
      trustDomain: deps.trustDomain,
      bundles: new Set([...deps.held.bundles].map(({ trustDomain }) => trustDomain.name)),
      agentState: () => agentState(deps.standing),
    },
  );
  return {
    selectors,
    matches: matches.map(entryToMessage),
    obstacles: [...nodeObstacles(deps.standing), ...(task ? [explainTask(task)] : []), ...findings.map(toObstacle)],
    agent_id: agentId ?? "",
  };
}

/** What a user may know of: entries that match, and near misses that name the same user. Those of others are none of his business. */
function* entriesOf(held: HeldSet, selectors: readonly Selector[]): Generator<RegistrationEntry> {
  const attested = SelectorSet.of(selectors);
  const namesUser = ({ type, value }: Selector): boolean => type === "unix" && /^(uid|user):/.test(value);
  for (const entry of held.entries) {
    const named = entry.selectors.filter(namesUser);
    if (attested.fulfills(entry.selectors) || attested.fulfills(named)) yield entry;
  }
}

function agentState({ settled, connected }: Standing): AgentState {
  if (settled) return "synced";
  return connected ? "behind" : "disconnected";
}

/** What keeps every process of the node from an identity. */
function nodeObstacles({ svid, lastError }: Standing): Sent<ObstacleMessage>[] {
  if (svid !== undefined) return [];
  const message = lastError === "" ? "the node did not attest yet" : `the node is not attested: ${lastError}`;
  return [{ code: "NODE_NOT_ATTESTED", message, hint: "see the agent's log, or start it with a new enrolment string" }];
}

function toObstacle({ code, message, hint, entryId, spiffeId }: Finding): Sent<ObstacleMessage> {
  return { code, message, hint, entry_id: entryId, spiffe_id: spiffeId };
}

async function processAskedAbout(pid: number, call: WorkloadCall): Promise<ProcessFacts> {
  const caller = await call.peer.inspect();
  if (caller === undefined) throw denied("CALLER_CHANGED");
  if (pid === 0) return caller;
  const facts = pid > 0 ? observeProcess(pid)?.facts : undefined;
  if (facts === undefined) throw new StatusError(grpcCode.notFound, `there is no process ${pid}`);
  return facts;
}

/** How the agent is. */
export function getAgentStatus(deps: IntrospectionDeps): Sent<GetAgentStatusResponse> {
  const { standing, held, svids } = deps;
  return {
    agent_id: standing.svid?.id ?? "",
    trust_domain: deps.trustDomain,
    version: agentVersion,
    svid_expires_at: standing.svid === undefined ? "0" : String(unixSeconds(standing.svid.notAfter)),
    synced: standing.settled,
    connected: standing.connected,
    sync_mode: standing.mode,
    last_sync_at: standing.lastSyncAt === undefined ? "0" : String(unixSeconds(standing.lastSyncAt)),
    revision: String(held.revision),
    entries: held.size,
    svids: svids.size,
    streams: deps.connections(),
    last_error: standing.lastError,
  };
}
