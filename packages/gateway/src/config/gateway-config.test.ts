// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeGatewayConfig } from "./describe-gateway-config.ts";
import { type GatewayConfig, parseGatewayConfig } from "./gateway-config.ts";

const least = {
  trust_domain: "example.org",
  server: "127.0.0.1:8081",
  policy: "/etc/mayfly/policy",
  tool_servers: {
    orders: {
      url: "https://tools.example.org/mcp",
      spiffe_id: "spiffe://example.org/tool/orders",
      tools: {
        query: { effect: "read", resources: ["path"] },
        refund: { effect: "irreversible" },
        mail: { effect: "read", untrusted: true },
      },
    },
  },
};
const full = {
  ...least,
  listen: "[::1]:9443",
  hosts: ["gateway.example.org:9443"],
  origins: ["https://console.example.org"],
  workload_socket: "/run/agent.sock",
  spiffe_id: "spiffe://example.org/gateway",
  data_dir: "/var/lib/gateway",
  policy_key: "/etc/mayfly/policy.pem",
  policy_min_revision: 3,
  authzen: { url: "https://gateway.example.org:9443", callers: ["spiffe://example.org/envoy"] },
  traces: { otlp: "http://127.0.0.1:4318/" },
  approval_ttl: "600s",
  call_timeout: "1500ms",
  tool_refresh: "5000ms",
  max_body: 65_536,
  max_answer: 1_048_576,
  max_calls_per_task: 4,
  log_level: "warn",
  log_format: "json",
};

const parse = (values: Record<string, unknown>): ReturnType<typeof parseGatewayConfig> =>
  parseGatewayConfig({
    values,
    directories: { runtime: "/run/mayfly", state: "/var/lib/mayfly" },
    position: () => ({ line: 7, column: 3 }),
  });

function configOf(values: Record<string, unknown>): GatewayConfig {
  const parsed = parse(values);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function pathsOf(values: Record<string, unknown>): string[] {
  const parsed = parse(values);
  return "problems" in parsed ? parsed.problems.map(({ path }) => path).toSorted() : [];
}

describe("the configuration", () => {
  it("has usable defaults for all that may be left out", () => {
    expect(configOf(least)).toMatchObject({
      listen: "127.0.0.1:8443",
      hosts: undefined,
      origins: [],
      workloadSocket: "/run/mayfly/agent/workload.sock",
      dataDir: "/var/lib/mayfly/gateway",
      authzen: undefined,
      approvalTtlSeconds: 900,
    });
  });

  it("is described in the form of the file, and reads back the same", () => {
    const config = configOf(full);
    expect(describeGatewayConfig(config)).toEqual(full);
    expect(configOf(describeGatewayConfig(config))).toEqual(config);
  });

  it("CFG-D02, CFG-D04: is refused with every problem at once", () => {
    expect(pathsOf({})).toEqual(["policy", "server", "tool_servers", "trust_domain"]);
    const server = {
      ...least.tool_servers.orders,
      url: "http://tools",
      spiffe_id: "orders",
      tools: { q: { effect: "write" } },
      x: 1,
    };
    expect(
      pathsOf({ ...least, tool_servers: { orders: server, Orders: {} }, approval_ttl: 5, authzen: {}, nope: 1 }),
    ).toEqual([
      "approval_ttl",
      "authzen.callers",
      "authzen.url",
      "nope",
      "tool_servers.Orders",
      "tool_servers.Orders.spiffe_id",
      "tool_servers.Orders.tools",
      "tool_servers.Orders.url",
      "tool_servers.orders.spiffe_id",
      "tool_servers.orders.tools.q.effect",
      "tool_servers.orders.url",
      "tool_servers.orders.x",
    ]);
  });

  it("never repeats a value, which may be a secret in the wrong place", () => {
    const values = Object.fromEntries(Object.keys(full).map((key) => [key, "s3cret value"]));
    expect(JSON.stringify(parse(values))).not.toContain("s3cret");
  });

  it("gives a configuration or problems for any values", () => {
    const keys = fc.constantFrom(...Object.keys(full), "__proto__", "constructor");
    const anything = fc.anything({ withNullPrototype: true, maxDepth: 3 });
    fc.assert(
      fc.property(fc.dictionary(keys, anything), (values) => {
        const parsed = parse(values);
        expect("problems" in parsed ? parsed.problems.length : 1).toBeGreaterThan(0);
      }),
    );
  });
});
