// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";
import { Background, MayflyServer, output, runProgram, until } from "../../processes.ts";

/** Rotations to see; SPIRE's agent renews at half of the lifetime that the certificate shows. */
const rotations = process.env["MAYFLY_LONG"] === undefined ? 4 : 20;

function agentConfig(server: MayflyServer, dir: string): string {
  return `agent {
  data_dir = "${join(dir, "data")}"
  log_level = "DEBUG"
  server_address = "127.0.0.1"
  server_port = "${server.port}"
  socket_path = "${join(dir, "public", "api.sock")}"
  trust_domain = "${server.trustDomain}"
  trust_bundle_path = "${join(dir, "bundle.pem")}"
}
plugins {
  NodeAttestor "join_token" { plugin_data {} }
  KeyManager "disk" { plugin_data { directory = "${join(dir, "keys")}" } }
  WorkloadAttestor "unix" { plugin_data {} }
}
`;
}

/** An unmodified spire-agent: join token, workload, rotation. */
export async function spireAgent(suite: Suite): Promise<void> {
  await using server = await MayflyServer.start();
  const dir = mkdtempSync(join(tmpdir(), "mayfly-interop-"));
  const socket = join(dir, "public", "api.sock");
  const env = { SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` };
  const token = server.mayfly("token", "create").trim();
  const agentId = `spiffe://${server.trustDomain}/spire/agent/join_token/${token}`;
  writeFileSync(join(dir, "bundle.pem"), server.mayfly("bundle", "show"));
  writeFileSync(join(dir, "agent.conf"), agentConfig(server, dir));
  for (const folder of ["data", "keys"]) runProgram(["install", "-d", join(dir, folder)]);
  const [program = ""] = peerCommand("spire-agent");
  {
    await using agent = new Background([program, "run", "-config", join(dir, "agent.conf"), "-joinToken", token]);
    await suite.check("spire-agent attests with a join token", () =>
      until(
        () => agent.log,
        () => runProgram([program, "healthcheck", "-socketPath", socket]).status === 0,
        60_000,
      ),
    );
    server.createEntry("/workload", agentId, ["unix:uid:0"], "--x509-svid-ttl", "60s");
    await suite.check(
      `spire-agent serves a workload and rotates it ${rotations} times at a lifetime of 60 s`,
      async () => {
        await using watch = new Background([...peerCommand("go"), "watch", String(rotations)], env);
        const { status, stdout, stderr } = await watch.ended;
        expect(status === 0, `${stdout}${stderr}\n${agent.log.slice(-2_000)}`);
      },
    );
    await suite.check("a JWT-SVID through spire-agent validates", () => {
      const jwt = output([...peerCommand("go"), "jwt", "x"], { env }).trim();
      expect(
        output([...peerCommand("go"), "validate", "x", jwt], { env }).trim() ===
          `spiffe://${server.trustDomain}/workload`,
        jwt,
      );
    });
    await suite.check("mayfly entry create --wait counts a polling agent as pending, not as delivered", () => {
      const args = [
        "entry",
        "create",
        "--spiffe-id",
        `spiffe://${server.trustDomain}/late`,
        "--parent-id",
        agentId,
        "--selector",
        "unix:uid:9",
      ];
      const made = JSON.parse(server.mayfly(...args, "--wait", "--output", "json")) as {
        delivery: { agents_pending: number };
      };
      expect(made.delivery.agents_pending === 1, JSON.stringify(made.delivery));
    });
    await suite.check("mayfly node ban ends spire-agent", async () => {
      server.mayfly("node", "ban", agentId);
      const { status } = await agent.ended;
      expect(status === 1 && /banned/i.test(agent.log), agent.log.slice(-2_000));
    });
  }
  rmSync(dir, { recursive: true, force: true });
}
