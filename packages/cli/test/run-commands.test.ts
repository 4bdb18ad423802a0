// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { mayfly, Running } from "./mayfly.ts";

let directory = "";
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "mayfly-run-"));
});
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(directory, name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

function serverWords(name: string, ...more: readonly string[]): string[] {
  const config = file(
    `${name}.yaml`,
    `trust_domain: example.org\nbind: 127.0.0.1:0\nserver_socket: ${directory}/${name}/admin.sock\ndata_dir: ${directory}/${name}/state\n`,
  );
  return ["server", "run", "--config", config, ...more];
}

describe("--check-config", () => {
  it("server: prints the effective configuration, options before the environment before the file", async () => {
    const words = serverWords("check", "--x509-svid-ttl", "90s", "--check-config");
    const { status, stdout, stderr } = await mayfly(words, { MAYFLY_SERVER_SOCKET: "/env/admin.sock" });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(parse(stdout)).toMatchObject({
      trust_domain: "example.org",
      bind: "127.0.0.1:0",
      server_socket: "/env/admin.sock",
      x509_svid_ttl: "90s",
      jwt_svid_ttl: "5m",
      agent_svid_ttl: "1h",
      ca_ttl: "24h",
    });
    const again = file("again.yaml", stdout);
    expect((await mayfly(["server", "run", "--config", again, "--check-config"])).stdout).toBe(stdout);
  });

  it("agent: prints no secret, only where it is", async () => {
    const enrolment = file("enrolment", "s3cret");
    const words = ["agent", "run", "--enrolment", enrolment, "--check-config", "--output", "json"];
    const { status, stdout } = await mayfly(words);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ enrolment, refusal_hold: "2s", sync: "auto" });
    expect(stdout).not.toContain("s3cret");
  });

  it("CFG-D02: every problem at once, with line and path, exit 2", async () => {
    const config = file("bad.yaml", "trust_domain: Example\nbogus: 1\nca_ttl: 5\nrate_limit:\n  signing: -1\n");
    const { status, stdout, stderr } = await mayfly(["server", "run", "--config", config, "--check-config"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^error: CONFIG_INVALID: the configuration has 4 problems\n/);
    for (const place of [
      "line 1, column 15: trust_domain:",
      "line 2",
      "bogus: unknown key",
      "ca_ttl:",
      "rate_limit.signing:",
    ])
      expect(stderr).toContain(place);
  });

  it("agent: says what is missing", async () => {
    const { status, stderr } = await mayfly(["agent", "run", "--check-config"]);
    expect(status).toBe(2);
    expect(stderr).toContain("trust_domain:");
    expect(stderr).toContain("server:");
  });
});

describe("server run", () => {
  it.each(["SIGTERM", "SIGINT"] as const)("%s ends it cleanly in under 5 s", async (signal) => {
    await using server = new Running(serverWords(signal));
    await server.says("server_started");
    const started = performance.now();
    server.child.kill(signal);
    expect(await server.ended).toMatchObject({ status: 0, stdout: "" });
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("SIGHUP reloads the log level; CFG-D09: an invalid file is reported and changes nothing", async () => {
    const words = serverWords("reload");
    await using server = new Running(words);
    await server.says("server_started");
    const text = `trust_domain: example.org\nbind: 127.0.0.1:0\nserver_socket: ${directory}/reload/admin.sock\ndata_dir: ${directory}/reload/state\n`;
    file("reload.yaml", `${text}log_level: nonsense\n`);
    server.child.kill("SIGHUP");
    await server.says("CONFIG_INVALID");
    expect(server.child.exitCode).toBeNull();
    file("reload.yaml", `${text}log_level: error\n`);
    server.child.kill("SIGHUP");
    const health = await mayfly(["server", "healthcheck"], {
      MAYFLY_SERVER_SOCKET: join(directory, "reload/admin.sock"),
    });
    expect(health.status).toBe(0);
    server.child.kill("SIGTERM");
    const { stderr } = await server.ended;
    // At level error the farewell is not logged any more.
    expect(stderr).not.toContain("server_stopped");
  });

  it("CFG-D07: a second one on the same data directory is refused with a code, exit 1", async () => {
    const words = serverWords("twice");
    await using server = new Running(words);
    await server.says("server_started");
    const { status, stderr } = await mayfly([...words, "--server-socket", join(directory, "twice/other.sock")]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: [A-Z_]+: /m);
  });
});

describe("agent run", () => {
  it("starts without a server, says that it is not ready, and ends cleanly", async () => {
    const socket = join(directory, "agent.sock");
    const { stdout: pem } = await mayflyRoot();
    const bundle = file("bundle.pem", pem);
    const words = [
      "agent",
      "run",
      "--trust-domain",
      "example.org",
      "--server",
      "127.0.0.1:1",
      "--trust-bundle",
      bundle,
    ];
    const more = [
      "--join-token-file",
      file("token", "token"),
      "--data-dir",
      join(directory, "agent"),
      "--socket",
      socket,
    ];
    await using agent = new Running([...words, ...more]);
    await agent.says("workload_api_listening");
    const health = await mayfly(["agent", "healthcheck", "--output", "json"], {
      SPIFFE_ENDPOINT_SOCKET: `unix://${socket}`,
    });
    expect(health.status).toBe(1);
    expect(JSON.parse(health.stderr)).toMatchObject({ error: { code: "NOT_READY" } });
    const started = performance.now();
    agent.child.kill("SIGTERM");
    expect(await agent.ended).toMatchObject({ status: 0, stdout: "" });
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

/** A PEM bundle, from a server of its own. */
async function mayflyRoot(): Promise<{ stdout: string }> {
  await using server = new Running(serverWords("root"));
  await server.says("server_started");
  return await mayfly(["bundle", "show"], { MAYFLY_SERVER_SOCKET: join(directory, "root/admin.sock") });
}
