// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { brokerPassword, LeaseCluster } from "../../../broker/test/target.ts";
import { mayfly, type System } from "../mayfly.ts";
import { startPeople } from "./task-people.ts";

let system: System;
beforeAll(async () => {
  system = await startPeople();
});
afterAll(() => system[Symbol.asyncDispose]());

const orders = {
  url: "https://127.0.0.1:9/mcp",
  spiffe_id: "spiffe://example.org/tool/orders",
  tools: { "orders.query": { effect: "read" } },
};

describe("mayfly gateway run", () => {
  it("listens with its identity from the Workload API, and ends on SIGTERM with 0", async () => {
    const uid = String(process.getuid?.() ?? 0);
    const entry = ["--spiffe-id", "spiffe://example.org/gateway", "--parent-id", system.agentId];
    await system.json("entry", "create", ...entry, "--selector", `unix:uid:${uid}`, "--wait");
    const policy = join(system.directory, "policies");
    await system.json("policy", "init", policy);
    const settings = {
      trust_domain: "example.org",
      server: system.address,
      listen: "127.0.0.1:0",
      data_dir: join(system.directory, "gateway"),
      policy,
      tool_servers: { orders },
    };
    const config = system.file("gateway.yaml", JSON.stringify(settings));
    const checked = await system.json("gateway", "run", "--config", config, "--check-config");
    expect(checked).toMatchObject({ listen: "127.0.0.1:0", workload_socket: system.workloadSocket });
    const gateway = system.start(["gateway", "run", "--config", config]);
    await gateway.says(/gateway_listening port=\d+/);
    gateway.child.kill("SIGTERM");
    expect((await gateway.ended).status).toBe(0);
  });

  it("CFG-D02: tells every problem at once, and exits with 2", async () => {
    const config = system.file("bad.yaml", "trust_domain: example.org\nlistne: 127.0.0.1:1\ncall_timeout: soon\n");
    const { status, stderr } = await mayfly(["gateway", "run", "--config", config, "--check-config"]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: CONFIG_INVALID: the configuration has \d problems/);
    for (const name of ["listne", "call_timeout", "server", "policy", "tool_servers"]) expect(stderr).toContain(name);
  });
});

describe("mayfly broker run", () => {
  const target = {
    host: "/nowhere",
    database: "orders",
    user: "mayfly_broker",
    password_file: "/etc/mayfly/broker-password",
    tool_servers: ["spiffe://example.org/tool/orders"],
    group: "readers",
    settle: "300ms",
    legacy_roles: ["backup"],
    public_address: "db.example.org:5432",
  };
  const settings = {
    trust_domain: "example.org",
    tool_servers: ["spiffe://example.org/tool/orders"],
    gateways: ["spiffe://example.org/gateway"],
    traces: { otlp: "http://127.0.0.1:4318/" },
    targets: { orders: target },
  };

  it("prints its configuration without secrets, options before the file", async () => {
    const config = system.file("broker.yaml", JSON.stringify(settings));
    const words = ["broker", "run", "--config", config, "--check-config", "--server", "ca.example.org:8081"];
    expect(await system.json(...words)).toEqual({
      ...settings,
      server: "ca.example.org:8081",
      listen: "127.0.0.1:8444",
      workload_socket: system.workloadSocket,
      targets: { orders: { ...target, port: 5432 } },
      log_level: "info",
      log_format: "text",
    });
  });

  it("CFG-D02: tells every problem with its place, and repeats no value", async () => {
    const bad = { ...target, port: 0, settle: "1ms", password: "s3cret", group: 7 };
    const config = system.file(
      "bad-broker.yaml",
      JSON.stringify(
        { ...settings, gateways: ["x"], traces: { otlp: "file:///x" }, targets: { Orders: bad } },
        null,
        2,
      ),
    );
    const { status, stderr } = await mayfly(["broker", "run", "--config", config, "--check-config"]);
    expect(status).toBe(2);
    for (const place of [
      "server: is missing",
      "gateways.0",
      "traces.otlp",
      "targets.Orders: ",
      "targets.Orders.port",
      "targets.Orders.settle",
    ])
      expect(stderr).toContain(place);
    expect(stderr).toMatch(/line \d+, column \d+: targets\.Orders\.password: unknown key/);
    expect(stderr).not.toContain("s3cret");
  });

  it("joins the server, reports accounts of a real database that no lease explains, rotates and closes those it may", async () => {
    await using cluster = await LeaseCluster.start();
    await cluster.superuser.query("CREATE ROLE by_hand LOGIN; CREATE ROLE billing_app LOGIN PASSWORD 'old'");
    const uid = String(process.getuid?.() ?? 0);
    const entry = ["--spiffe-id", "spiffe://example.org/broker", "--parent-id", system.agentId];
    await system.json("entry", "create", ...entry, "--selector", `unix:uid:${uid}`, "--wait");
    const { host, port, database } = cluster.postgres.login();
    const password_file = system.file("broker-password", `${brokerPassword}\n`);
    const orders = { host, port, database, user: "mayfly_broker", password_file, group: "readers" };
    const named = { ...orders, legacy_roles: ["billing_app"] };
    const joined = {
      ...settings,
      server: system.address,
      listen: "127.0.0.1:0",
      targets: { orders: named },
      reconcile_every: "1s",
      spiffe_id: "spiffe://example.org/broker",
    };
    const broker = system.start(["broker", "run", "--config", system.file("joined.yaml", JSON.stringify(joined))]);
    await broker.says(/broker_listening port=\d+/);
    const found = expect.objectContaining({
      target: "orders",
      account: "by_hand",
      can_login: true,
      legacy: false,
    }) as unknown;
    await expect
      .poll(async () => (await system.json<{ unmanaged: object[] }>("lease", "list")).unmanaged, { timeout: 15_000 })
      .toEqual(expect.arrayContaining([found]));
    const { unmanaged_accounts } = await system.json<{ unmanaged_accounts: object[] }>("inventory");
    expect(unmanaged_accounts).toEqual(expect.arrayContaining([found]));
    const file = join(system.directory, "billing.password");
    const rotated = await system.run(["account", "rotate", "orders/billing_app", "--password-file", file]);
    expect(rotated).toMatchObject({ status: 0, stdout: `orders/billing_app has the password in ${file}\n` });
    const password = readFileSync(file, "utf8").trim();
    await expect(cluster.login({ user: "billing_app", password: "old" })).rejects.toThrow();
    const session = await cluster.login({ user: "billing_app", password });
    const cut = new Promise((resolve) => session.once("end", resolve));
    const closed = await system.run(["account", "isolate", "orders/billing_app", "--reason", "moved"]);
    expect(closed).toMatchObject({ status: 0, stdout: "orders/billing_app is closed: no login, no session\n" });
    await cut;
    await expect(cluster.login({ user: "billing_app", password })).rejects.toThrow();
    expect(broker.stderr).not.toContain(password);
    broker.child.kill("SIGTERM");
    const { status, stderr } = await broker.ended;
    expect(status).toBe(0);
    expect(stderr).not.toContain(brokerPassword);
  });

  it("ends with the reason where the server does not know it as a broker", async () => {
    await using cluster = await LeaseCluster.start();
    const uid = String(process.getuid?.() ?? 0);
    const stranger = "spiffe://example.org/no-broker";
    const entry = ["--spiffe-id", stranger, "--parent-id", system.agentId];
    await system.json("entry", "create", ...entry, "--selector", `unix:uid:${uid}`, "--wait");
    const { host, port, database } = cluster.postgres.login();
    const password_file = system.file("strangers-password", `${brokerPassword}\n`);
    const orders = { host, port, database, user: "mayfly_broker", password_file, group: "readers" };
    const joined = {
      ...settings,
      server: system.address,
      listen: "127.0.0.1:0",
      targets: { orders },
      spiffe_id: stranger,
    };
    const config = system.file("stranger.yaml", JSON.stringify(joined));
    const { status, stderr } = await system.run(["broker", "run", "--config", config]);
    expect(status).toBe(1);
    expect(stderr).toContain("NOT_A_BROKER: the server does not take this SPIFFE ID as a broker");
  });

  it("ends with the reason where its database can't be reached", async () => {
    const config = system.file(
      "far.yaml",
      JSON.stringify({ ...settings, server: system.address, listen: "127.0.0.1:0" }),
    );
    const { status, stderr } = await system.run(["broker", "run", "--config", config]);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/^error: [A-Z_]+: /m);
  });
});
