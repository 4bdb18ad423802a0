// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { parseBrokerConfig } from "./broker-config.ts";

const database = { host: "/run/postgresql", database: "orders", user: "mayfly_admin", group: "orders_rw" };
const least = {
  trust_domain: "example.org",
  server: "127.0.0.1:8081",
  tool_servers: ["spiffe://example.org/tool/orders"],
  gateways: ["spiffe://example.org/gateway"],
  targets: { orders: database },
};
const parse = (values: Record<string, unknown>): ReturnType<typeof parseBrokerConfig> =>
  parseBrokerConfig({ values, directories: { runtime: "/run/mayfly" }, position: () => undefined });

describe("parseBrokerConfig", () => {
  it("takes the least and fills in the rest", () => {
    expect(parse(least)).toMatchObject({
      config: {
        listen: { host: "127.0.0.1", port: 8444 },
        workloadSocket: "/run/mayfly/agent/workload.sock",
        targets: [{ name: "orders", admin: { port: 5432, password: undefined } }],
      },
    });
  });

  it("tells all problems at once and repeats no value", () => {
    const target = { ...database, password: "hunter2", port: 0 };
    const found = parse({ ...least, server: "nowhere", gateways: ["x"], targets: { orders: target }, colour: "red" });
    const problems = "problems" in found ? found.problems : [];
    expect(problems.map((each) => each.path).toSorted()).toEqual(
      ["colour", "gateways", "server", "targets.orders.password", "targets.orders.port"].toSorted(),
    );
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  it.each(Object.keys(least))("refuses a file without %s", (key) => {
    const values = Object.fromEntries(Object.entries(least).filter(([name]) => name !== key));
    expect(parse(values)).toMatchObject({ problems: [{ path: key }] });
  });
});
