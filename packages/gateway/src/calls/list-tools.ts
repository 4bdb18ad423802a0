// SPDX-License-Identifier: Apache-2.0
import type { Clock } from "../clock.ts";
import { decideList, type Policies } from "../decision/decide-call.ts";
import type { AdmittedCaller } from "./caller.ts";
import type { ServedTools } from "./tool-calls.ts";

/** How long an agent may rely on its list; its tools are decided on anew in each call. */
const ttlMs = 2000;

/** The tools of a server that this task may see: pinned, in its scope, and shown by policy. For this agent alone: no shared cache may keep it. */
export async function listTools(
  caller: AdmittedCaller,
  { register, catalogue }: Pick<ServedTools, "register" | "catalogue">,
  { policies, clock }: { readonly policies: Policies; readonly clock: Clock },
): Promise<Readonly<Record<string, unknown>>> {
  const { principal, standing } = caller;
  const offer = await catalogue.offer();
  const now = clock.now();
  const tools = [...register.tools.values()].flatMap((tool) => {
    const offered = offer.get(tool.tool);
    if (offered?.isPinned !== true) return [];
    return decideList({ principal, standing, tool, now }, policies) ? [offered.definition.value] : [];
  });
  return { resultType: "complete", tools, ttlMs, cacheScope: "private" };
}

/** The rule for `server/discover`: whoever may call some tool of a server may know that it is there. */
export function mayDiscover({ standing }: AdmittedCaller, { register }: Pick<ServedTools, "register">): boolean {
  return standing.scope.tools.some(({ server, tool }) => server === register.name && register.tools.has(tool));
}
