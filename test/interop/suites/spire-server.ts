// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Background, freePort, output, runProgram, until } from "../../processes.ts";
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
const trustDomain = "example.org";
/** SVIDs of 60 s are renewed at 40 to 50 % of their life, so this takes about a minute. */
const rotations = 2;

function serverConfig(dir: string, port: number): string {
  return `server {
  bind_address = "127.0.0.1"
  bind_port = "${port}"
  socket_path = "${join(dir, "api.sock")}"
  trust_domain = "${trustDomain}"
  data_dir = "${join(dir, "server")}"
  log_level = "WARN"
  agent_ttl = "2m"
}
plugins {
  DataStore "sql" { plugin_data { database_type = "sqlite3" connection_string = "${join(dir, "server", "db")}" } }
  KeyManager "memory" { plugin_data {} }
  NodeAttestor "join_token" { plugin_data {} }
}
`;
}

/** Our agent at an unmodified spire-server: join token, polling without being told to, a workload, renewal of both, a ban. */
export async function spireServer(suite: Suite): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  const port = await freePort();
  const [program = ""] = peerCommand("spire-server");
  const admin = (...args: string[]): string => output([program, ...args, "-socketPath", join(dir, "api.sock")]);
  mkdirSync(join(dir, "server"));
  writeFileSync(join(dir, "server.conf"), serverConfig(dir, port));
  const socket = join(dir, "agent", "workload.sock");
  const env = { SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` };
  await using server = new Background([program, "run", "-config", join(dir, "server.conf")]);
  await until(
    () => `spire-server: ${server.log}`,
    () => runProgram([program, "healthcheck", "-socketPath", join(dir, "api.sock")]).status === 0,
  );
  const token = /Token: (\S+)/.exec(admin("token", "generate"))?.[1] ?? "";
  const agentId = `spiffe://${trustDomain}/spire/agent/join_token/${token}`;
  writeFileSync(join(dir, "bundle.pem"), admin("bundle", "show"));
  writeFileSync(join(dir, "token"), token, { mode: 0o600 });
  {
    const options = ["--trust-domain", trustDomain, "--server", `127.0.0.1:${port}`, "--data-dir", join(dir, "state")];
    const trust = ["--trust-bundle", join(dir, "bundle.pem"), "--join-token-file", join(dir, "token")];
    await using agent = new Background([mayfly, "agent", "run", ...options, ...trust, "--socket", socket]);
    await suite.check("our agent attests to spire-server with a join token and polls it", () =>
      until(
        () => agent.log,
        () => {
          const health = runProgram([mayfly, "agent", "healthcheck", "--output", "json"], { env });
          return health.status === 0 && health.stdout.includes(agentId);
        },
      ),
    );
    admin(
      "entry",
      "create",
      "-spiffeID",
      `spiffe://${trustDomain}/workload`,
      "-parentID",
      agentId,
      "-selector",
      "unix:uid:0",
      "-x509SVIDTTL",
      "60",
    );
    await suite.check(
      `our agent serves a workload from spire-server and rotates it ${rotations} times at 60 s`,
      async () => {
        await using watch = new Background([...peerCommand("go"), "watch", String(rotations)], env);
        const { status, stdout, stderr } = await watch.ended;
        expect(status === 0, `${stdout}${stderr}\n${agent.log.slice(-2_000)}`);
      },
    );
    await suite.check("our agent renews its own SVID at spire-server", () =>
      until(
        () => agent.log,
        () => /agent_svid_renewed/.test(agent.log),
        90_000,
      ),
    );
    await suite.check("a ban at spire-server ends our agent, and its workloads are refused", async () => {
      admin("agent", "ban", "-spiffeID", agentId);
      const { status } = await agent.ended;
      expect(status === 1 && /AGENT_BANNED/.test(agent.log), agent.log.slice(-2_000));
    });
  }
  rmSync(dir, { recursive: true, force: true });
}
