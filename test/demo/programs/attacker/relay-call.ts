// SPDX-License-Identifier: Apache-2.0
// Calls a tool server over a connection that it takes, with a statement that was made for another one.
import { anyPeer } from "@mayfly/spiffe-client";
import { McpSession, type ToolCall } from "../bot/mcp-session.ts";
import { obeyOrder, type Order } from "./obey-order.ts";

interface RelayOrder extends Order, ToolCall {
  readonly url: string;
}

await obeyOrder(async (order, source) => {
  const { url, tool, arguments: args = {}, meta = {} } = order as RelayOrder;
  return await new McpSession(url, { source, authorize: anyPeer() }).call({ tool, arguments: args, meta });
});
