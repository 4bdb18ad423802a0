// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { ServerConfig } from "./server-config.ts";
import { describeServerConfig, parseServerConfig } from "./server-config.ts";

const directories = { runtime: "/run/mayfly", state: "/var/lib/mayfly" };

function parse(values: Record<string, unknown>): ReturnType<typeof parseServerConfig> {
  return parseServerConfig({ values, directories, position: ([key]) => ({ line: String(key).length, column: 1 }) });
}

function accepted(values: Record<string, unknown>): ServerConfig {
  const parsed = parse(values);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function problemsOf(values: Record<string, unknown>): string[] {
  const parsed = parse(values);
  return "problems" in parsed ? parsed.problems.map(({ path, problem }) => `${path}: ${problem}`) : [];
}

describe("the server's configuration", () => {
  it("needs a trust domain only", () => {
    expect(accepted({ trust_domain: "example.org" })).toMatchObject({
      trustDomain: "example.org",
      bind: { host: "0.0.0.0", port: 8081 },
      serverSocket: "/run/mayfly/server/admin.sock",
      dataDir: "/var/lib/mayfly/server",
      x509SvidTtlSeconds: 600,
      jwtSvidTtlSeconds: 300,
      agentSvidTtlSeconds: 3600,
      caTtlSeconds: 86_400,
      taskRetentionSeconds: 2_592_000,
      nodeAttestors: { joinToken: true, x509pop: undefined },
      rateLimit: { attestation: 1, signing: 500 },
    });
  });

  it("is described in the form that it is read in", () => {
    const values = {
      trust_domain: "example.org",
      bind: "[::1]:8443",
      node_attestors: { x509pop: { ca_file: "/etc/roots.pem" } },
      admin_ids: ["spiffe://example.org/operator"],
      ca_ttl: "1h30m",
      traces: { otlp: "http://127.0.0.1:4318/" },
      log_level: "debug",
    };
    const config = accepted(values);
    expect(accepted(describeServerConfig(config))).toEqual(config);
    expect(describeServerConfig(config)).toMatchObject(values);
  });

  it.each([0, "0"])("keeps ended tasks for ever with task_retention %j", (value) => {
    const config = accepted({ trust_domain: "example.org", task_retention: value });
    expect(config.taskRetentionSeconds).toBe(0);
    expect(accepted(describeServerConfig(config))).toEqual(config);
  });

  it("reports every problem at once, with its place", () => {
    expect(
      problemsOf({
        trust_domain: "Example.org",
        bind: "8081",
        ca_ttl: "1 day",
        colour: "red",
        task_retention: "-1h",
      }).toSorted(),
    ).toEqual([
      "bind: expected address:port such as 0.0.0.0:8081",
      'ca_ttl: expected a duration such as 90s, 5m or 24h, got "1 day"',
      "colour: unknown key",
      "task_retention: expected a duration such as 720h, or 0 = for ever",
      "trust_domain: expected a trust domain name such as example.org",
    ]);
    const parsed = parse({ trust_domain: "example.org", bind: 7 });
    expect("problems" in parsed && parsed.problems).toMatchObject([{ path: "bind", line: 4, column: 1 }]);
  });

  it.each([
    [{}, "trust_domain"],
    [{ trust_domain: "spiffe://example.org" }, "trust_domain"],
    [{ trust_domain: "example.org", admin_ids: ["operator"] }, "admin_ids.0"],
    [{ trust_domain: "example.org", data_dir: "relative" }, "data_dir"],
    [{ trust_domain: "example.org", node_attestors: {} }, "node_attestors"],
    [{ trust_domain: "example.org", node_attestors: { join_token: {}, aws: {} } }, "node_attestors.aws"],
    [{ trust_domain: "example.org", rate_limit: { signing: -1 } }, "rate_limit.signing"],
    [{ trust_domain: "example.org", ca_ttl: "0s" }, "ca_ttl"],
    [{ trust_domain: "example.org", bind: "127.0.0.1:99999" }, "bind"],
  ])("refuses %j", (values, path) => {
    expect(problemsOf(values).map((problem) => problem.split(":")[0])).toEqual([path]);
  });
});
