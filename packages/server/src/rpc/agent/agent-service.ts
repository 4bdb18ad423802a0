// SPDX-License-Identifier: Apache-2.0
import type { NodeStore } from "@mayfly/registration";
import type {
  AgentMessage,
  BanAgentRequest,
  CountAgentsRequest,
  CreateJoinTokenRequest,
  DeleteAgentRequest,
  GetAgentRequest,
  ListAgentsRequest,
} from "@mayfly/rpc";
import { type Handlers, unary } from "../handler.ts";
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

async function list({ nodes }: AgentOperatorDeps, request: ListAgentsRequest): Promise<object> {
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

/** What operators do with attested nodes and join tokens. */
export function agentOperatorHandlers(deps: AgentOperatorDeps): Handlers {
  const { nodes, rules } = deps;
  const agentId = (id: SpiffeIdFields | null | undefined): string =>
    orInvalidArgument("invalid agent ID", () => rules.agent(parseIdFields(id)).text);
  return {
    CountAgents: unary(async ({ filter }: CountAgentsRequest) => ({
      count: await nodes.count(parseAgentFilter(filter, "count")),
    })),
    ListAgents: unary((request: ListAgentsRequest) => list(deps, request)),
    GetAgent: unary(async ({ id, output_mask: mask }: GetAgentRequest): Promise<Partial<AgentMessage>> => {
      const node = await nodes.get(agentId(id));
      if (node === undefined) throw notFound("agent not found");
      return toAgentMessage(node, mask);
    }),
    BanAgent: unary(async ({ id }: BanAgentRequest) => {
      if (!(await nodes.ban(agentId(id)))) throw notFound("agent not found");
      return {};
    }),
    DeleteAgent: unary(async ({ id }: DeleteAgentRequest) => {
      if (!(await nodes.delete(agentId(id)))) throw notFound("agent not found");
      return {};
    }),
    CreateJoinToken: unary((request: CreateJoinTokenRequest) => createJoinToken(deps, request)),
  };
}
