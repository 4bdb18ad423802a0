// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { TraceContext } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import { decideList, type Policies } from "../decision/decide-call.ts";
import type { DecisionRecord } from "../decision/decision-record.ts";
import { HttpRefusal } from "../http/http-refusal.ts";
import type { PlainDecision } from "../ports/call-ledger.ts";
import type { AdmittedCaller } from "./caller.ts";
import type { ServedTools } from "./tool-calls.ts";

/** How long an agent may rely on its list; its tools are decided on anew in each call. */
const ttlMs = 2000;

/** What lists are made with. */
interface ListDeps {
  readonly policies: Policies;
  readonly clock: Clock;
  readonly decisions: DecisionRecord;
}

/** A list with the decision that it rests on. */
export interface ListedTools {
  readonly result: Readonly<Record<string, unknown>>;
  readonly decision: PlainDecision;
}

/**
 * The tools of a server that this task may see: pinned, in its scope, and shown by policy. For this agent alone: no shared cache may keep it.
 * @throws {HttpRefusal} UNAVAILABLE where the tier asks for the record and there is none
 */
export async function listTools(
  caller: AdmittedCaller,
  served: Pick<ServedTools, "register" | "catalogue">,
  deps: ListDeps & { readonly trace: TraceContext },
): Promise<ListedTools> {
  const { tools, policyIds } = await shownTools(caller, served, deps);
  const decision: PlainDecision = {
    kind: "list",
    taskId: caller.taskId,
    svidSerial: caller.svidSerial,
    subject: caller.peer.id.toString(),
    server: served.register.name,
    allowed: true,
    reasons: [],
    shown: tools.map(({ name }) => name),
    policyDigest: deps.policies.bundle?.digest ?? "",
    policyIds,
    decisionId: randomUUID(),
    traceId: deps.trace.traceId,
  };
  if (!(await deps.decisions.mayStand(decision, caller.standing.tier))) {
    const reason = "RECORD_UNAVAILABLE";
    throw new HttpRefusal("UNAVAILABLE", "the list can't be recorded, and is not shown", { reason });
  }
  const values = tools.map(({ value }) => value);
  return { result: { resultType: "complete", tools: values, ttlMs, cacheScope: "private" }, decision };
}

async function shownTools(
  { principal, standing }: AdmittedCaller,
  { register, catalogue }: Pick<ServedTools, "register" | "catalogue">,
  { policies, clock }: ListDeps,
): Promise<{
  readonly tools: readonly { readonly name: string; readonly value: unknown }[];
  readonly policyIds: readonly string[];
}> {
  const offer = await catalogue.offer();
  const now = clock.now();
  const policyIds = new Set<string>();
  const tools = [...register.tools.values()].flatMap((tool) => {
    const offered = offer.get(tool.tool);
    if (offered?.isPinned !== true) return [];
    const verdict = decideList({ principal, standing, tool, now }, policies);
    for (const id of verdict.policyIds) policyIds.add(id);
    return verdict.allowed ? [{ name: tool.tool, value: offered.definition.value }] : [];
  });
  return { tools, policyIds: [...policyIds].toSorted() };
}

/** The rule for `server/discover`: whoever may call some tool of a server may know that it is there. */
export function mayDiscover({ standing }: AdmittedCaller, { register }: Pick<ServedTools, "register">): boolean {
  return standing.scope.tools.some(({ server, tool }) => server === register.name && register.tools.has(tool));
}
