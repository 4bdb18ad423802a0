// SPDX-License-Identifier: Apache-2.0
import type { NodeStore } from "@mayfly/registration";
import type { AgentMethods, ListAgentsRequest, ListAgentsResponse, Sent } from "@mayfly/rpc";
import type { GuardedHandlers } from "../call.ts";
import { nextPageToken, PageTokenError, parsePage } from "../wire/paging.ts";
import { internal, notFound, orInvalidArgument } from "../wire/refusal.ts";
import { parseIdFields, type SpiffeIdFields } from "../wire/spiffe-id.ts";
import { parseAgentFilter } from "./agent-filter.ts";
import { toAgentMessage } from "./agent-message.ts";
import { createJoinToken, type JoinTokenDeps } from "./join-token.ts";

/** What the operators' half of the Agent service needs. */
export interface AgentOperatorDeps extends JoinTokenDeps {
  readonly nodes: NodeStore;
}

async function list({ nodes }: AgentOperatorDeps, request: ListAgentsRequest): Promise<Sent<ListAgentsResponse>> {
  const filter = parseAgentFilter(request.filter, "list");
  try {
    const page = await nodes.list(filter, parsePage(request));
    const agents = page.items.map((node) => toAgentMessage(node, request.output_mask));
    return { agents, next_page_token: nextPageToken(page) };
  } catch (error) {
    if (error instanceof PageTokenError) throw internal(`failed to list agents: ${error.message}`, { cause: error });
    throw error;
  }
}

/** The methods of agents themselves. */
type AttestationMethod = "AttestAgent" | "RenewAgent" | "PostStatus";

/** What operators do with attested nodes and join tokens. */
export function agentOperatorHandlers(deps: AgentOperatorDeps): Omit<GuardedHandlers<AgentMethods>, AttestationMethod> {
  const { nodes, rules } = deps;
  const agentId = (id: SpiffeIdFields | null | undefined): string =>
    orInvalidArgument("invalid agent ID", () => rules.agent(parseIdFields(id)).text);
  return {
    CountAgents: async ({ filter }) => ({
      count: await nodes.count(parseAgentFilter(filter, "count")),
    }),
    ListAgents: (request) => list(deps, request),
    GetAgent: async ({ id, output_mask: mask }) => {
      const node = await nodes.get(agentId(id));
      if (node === undefined) throw notFound("agent not found");
      return toAgentMessage(node, mask);
    },
    BanAgent: async ({ id }) => {
      if (!(await nodes.ban(agentId(id)))) throw notFound("agent not found");
      return {};
    },
    DeleteAgent: async ({ id }) => {
      if (!(await nodes.delete(agentId(id)))) throw notFound("agent not found");
      return {};
    },
    CreateJoinToken: (request) => createJoinToken(deps, request),
  };
}
