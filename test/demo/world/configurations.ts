// SPDX-License-Identifier: Apache-2.0
import type { MayflyAgent, MayflyServer } from "../../processes.ts";

/** Trust domain of the demo. */
const trustDomain = "example.org";

/** Who the programs are. */
export const ids = {
  gateway: `spiffe://${trustDomain}/gateway`,
  broker: `spiffe://${trustDomain}/broker`,
  toolServer: `spiffe://${trustDomain}/tools/orders`,
  /** Another tool server, which only attacks start. */
  archive: `spiffe://${trustDomain}/tools/archive`,
} as const;

/** What the tool server says of its tools instead of its own words: name to description, in the demo's directory. */
export const descriptionsFile = "descriptions.json";

const query = { server: "orders", tool: "query", effect: "read" };
const refund = {
  server: "orders",
  tool: "refund",
  effect: "reversible",
  arguments: { amount: { min: 1, max: 50 } },
  maxCalls: 10,
  approval: "over-limit",
};

/** What a task may do: documents for `mayfly task start --scope` and `mayfly agent-profile create --ceiling`. */
export const scopes = {
  /** Two of the tool server's five tools; refunds above 50 only after somebody else was asked. */
  incident: { tools: [query, refund] },
  scribe: { tools: [query] },
} as const;

/** What the configurations have in common. */
export interface Surroundings {
  readonly server: MayflyServer;
  readonly agent: MayflyAgent;
  readonly directory: string;
  readonly ports: Readonly<Record<"gateway" | "broker" | "toolServer" | "archive", number>>;
}

/** For `mayfly gateway run --config`. */
export function gatewayConfig({ server, agent, directory, ports }: Surroundings): object {
  return {
    trust_domain: trustDomain,
    server: server.address,
    listen: `127.0.0.1:${String(ports.gateway)}`,
    workload_socket: agent.socket,
    data_dir: `${directory}/gateway`,
    policy: `${directory}/policy`,
    tool_refresh: "1s",
    tool_servers: {
      orders: {
        url: `https://127.0.0.1:${String(ports.toolServer)}/mcp`,
        spiffe_id: ids.toolServer,
        tools: {
          query: { effect: "read" },
          refund: { effect: "reversible" },
          export: { effect: "read" },
          drop_table: { effect: "irreversible" },
          read_file: { effect: "read", resources: ["path"] },
        },
      },
      archive: {
        url: `https://127.0.0.1:${String(ports.archive)}/mcp`,
        spiffe_id: ids.archive,
        tools: { read_file: { effect: "read" } },
      },
    },
  };
}

/** For `mayfly broker run --config`; `database`: where PostgreSQL's socket is. */
export function brokerConfig(
  { server, agent, directory, ports }: Surroundings,
  database: { readonly host: string; readonly port: number },
): object {
  return {
    trust_domain: trustDomain,
    server: server.address,
    listen: `127.0.0.1:${String(ports.broker)}`,
    workload_socket: agent.socket,
    tool_servers: [ids.toolServer, ids.archive],
    gateways: [ids.gateway],
    reconcile_every: "1s",
    targets: {
      orders: {
        host: database.host,
        port: database.port,
        database: "orders",
        user: "mayfly_broker",
        password_file: `${directory}/broker/password`,
        group: "orders_tools",
      },
    },
  };
}

/** For `tool-server.ts`. */
export function toolServerConfig({ agent, directory, ports }: Surroundings): object {
  return {
    port: ports.toolServer,
    workload_socket: agent.socket,
    gateway_id: ids.gateway,
    broker: { host: "127.0.0.1", port: ports.broker, id: ids.broker },
    target: "orders",
    descriptions: `${directory}/${descriptionsFile}`,
  };
}

/** For `ir-bot.ts`, as its argument. */
export function botConfig({ server, ports }: Pick<Surroundings, "server" | "ports">): object {
  const gateway = `https://127.0.0.1:${String(ports.gateway)}/mcp/orders`;
  return { gateway, gateway_id: ids.gateway, server: server.address };
}
