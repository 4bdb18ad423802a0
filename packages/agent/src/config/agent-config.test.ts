// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AgentConfig, type ConfigProblem, parseAgentConfig } from "./agent-config.ts";
import { describeAgentConfig } from "./describe-agent-config.ts";

const directories = { runtime: "/run/mayfly", state: "/var/lib/mayfly" };

function parse(values: Readonly<Record<string, unknown>>): ReturnType<typeof parseAgentConfig> {
  return parseAgentConfig({
    values,
    directories,
    position: (path) => (path.length > 0 ? { line: 7, column: 3 } : undefined),
  });
}

function configOf(values: Readonly<Record<string, unknown>>): AgentConfig {
  const parsed = parse(values);
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.config;
}

function problemsOf(values: Readonly<Record<string, unknown>>): readonly ConfigProblem[] {
  const parsed = parse(values);
  if ("config" in parsed) throw new Error("accepted");
  return parsed.problems;
}

const full = {
  trust_domain: "example.org",
  server: ["ca-1.example.org:8081", "[::1]:8081"],
  socket: "/run/other/workload.sock",
  data_dir: "/srv/agent",
  trust_bundle: "/etc/mayfly/bundle.pem",
  node_attestor: { x509pop: { certificate_file: "/etc/node.pem", private_key_file: "/etc/node.key" } },
  workload_attestors: { unix: { path: true, sha256: false } },
  refusal_hold: "5s",
  sync: "poll",
  log_level: "debug",
  log_format: "json",
};

describe("the agent's configuration", () => {
  it("needs nothing but an enrolment string", () => {
    expect(configOf({ enrolment: "/etc/mayfly/enrolment" })).toMatchObject({
      trustDomain: undefined,
      servers: [],
      socket: "/run/mayfly/agent/workload.sock",
      dataDir: "/var/lib/mayfly/agent",
      nodeMethod: { type: "join_token", tokenFile: undefined },
      unix: { path: true, sha256: true },
      refusalHoldSeconds: 2,
      sync: "auto",
    });
  });

  it("is shown in the form of the file, and reads back the same", () => {
    const config = configOf(full);
    expect(describeAgentConfig(config)).toMatchObject(full);
    expect(configOf(describeAgentConfig(config))).toEqual(config);
  });

  it("CFG-D02, CFG-D04: is refused with every problem at once, with path and position", () => {
    const problems = problemsOf({
      ...full,
      trust_domain: "Example.org",
      server: "ca.example.org",
      socket: "relative.sock",
      refusal_hold: "5",
      workload_attestors: { unix: { pth: true } },
      unknown: 1,
    });
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      "refusal_hold",
      "server",
      "socket",
      "trust_domain",
      "unknown",
      "workload_attestors.unix.pth",
    ]);
    for (const { line, column } of problems) expect([line, column]).toEqual([7, 3]);
  });

  it("says all that is missing without an enrolment string", () => {
    expect(problemsOf({}).map(({ path }) => path)).toEqual(["trust_domain", "server", "trust_bundle"]);
    expect(problemsOf({ trust_domain: "example.org", server: "a:1" }).map(({ path }) => path)).toEqual([
      "trust_bundle",
    ]);
    expect(configOf({ trust_domain: "example.org", server: "a:1", insecure_bootstrap: true }).insecureBootstrap).toBe(
      true,
    );
  });

  it("refuses a bootstrap without checks beside a bundle or a pin", () => {
    const named = { trust_domain: "example.org", server: "a:1", insecure_bootstrap: true };
    for (const known of [{ trust_bundle: "/bundle.pem" }, { enrolment: "-" }]) {
      expect(problemsOf({ ...named, ...known }).map(({ path }) => path)).toEqual(["insecure_bootstrap"]);
    }
  });

  it("is refused with two ways of attesting, and with a path where a file must be", () => {
    const node_attestor = { ...full.node_attestor, join_token: {} };
    expect(problemsOf({ ...full, node_attestor })).toHaveLength(1);
    expect(problemsOf({ enrolment: "relative" })).toHaveLength(1);
    expect(configOf({ enrolment: "-" }).enrolmentFile).toBe("-");
  });

  it("says of a list which item is wrong, and of a method which file is missing", () => {
    const node_attestor = { x509pop: { certificate_file: "/etc/node.pem" } };
    const problems = problemsOf({ ...full, server: ["a:1", "b", 3], insecure_bootstrap: "yes", node_attestor });
    expect(problems.map(({ path }) => path).toSorted()).toEqual([
      "insecure_bootstrap",
      "node_attestor.x509pop.private_key_file",
      "server.1",
      "server.2",
    ]);
    for (const server of [[], null, {}, Array.from({ length: 17 }, () => "a:1")])
      expect(problemsOf({ ...full, server })).not.toEqual([]);
  });

  it("never repeats a value, which may be a secret in the wrong place", () => {
    const values = Object.fromEntries(Object.keys(full).map((key) => [key, "s3cret"]));
    expect(JSON.stringify(problemsOf({ ...values, enrolment: "s3cret", join_token_file: "s3cret" }))).not.toMatch(
      /s3cret/,
    );
  });

  it("gives a configuration or problems for any values", () => {
    const anything = fc.anything({ withNullPrototype: true, maxDepth: 3 });
    const keys = fc.constantFrom(...Object.keys(full), "enrolment", "__proto__", "constructor");
    fc.assert(
      fc.property(fc.dictionary(keys, anything), (values) => {
        const parsed = parse(values);
        expect("problems" in parsed ? parsed.problems.length : 1).toBeGreaterThan(0);
      }),
    );
  });
});
