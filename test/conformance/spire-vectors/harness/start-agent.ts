// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAgentConfig, startAgent } from "@mayfly/agent";
import { agentService, RpcChannel } from "@mayfly/rpc";
import { startMayflyServer } from "./start-mayfly.ts";
import type { StartTarget } from "./target.ts";

/** A Mayfly server with a Mayfly agent that attested with the scenario's join token; both gone at the end. */
export const startMayflyAgent: StartTarget = async (scenario, settings, resolve) => {
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startMayflyServer(scenario, settings, resolve));
  const directory = await mkdtemp(join(tmpdir(), "mayfly-vectors-agent-"));
  resources.defer(() => rm(directory, { recursive: true, force: true }));
  const token = scenario.agent?.join_token ?? "";
  using admin = RpcChannel.open({ address: server.address("local") });
  await admin.unary(agentService.methods.CreateJoinToken, { token, ttl: 600 });
  const tokenFile = join(directory, "token");
  await writeFile(tokenFile, token, { mode: 0o600 });
  const parsed = parseAgentConfig({
    values: {
      trust_domain: settings.trust_domain,
      server: server.address("anonymous"),
      socket: join(directory, "workload.sock"),
      data_dir: join(directory, "state"),
      join_token_file: tokenFile,
      insecure_bootstrap: true,
      log_level: "error",
    },
    directories: { runtime: directory, state: directory },
    position: () => undefined,
  });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  const agent = resources.use(await startAgent(parsed.config));
  await agent.ready({ signal: AbortSignal.timeout(20_000) });
  const owned = resources.move();
  return {
    address: (caller) => (caller === "workload" ? `unix://${agent.socketPath}` : server.address(caller)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
