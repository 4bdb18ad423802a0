// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { parseServerConfig, type RunningServer, startServer } from "../../../../packages/server/src/index.ts";
import { createLogger } from "../../../../packages/telemetry/src/index.ts";
import type { StartTarget } from "./target.ts";
import type { ServerSettings } from "./scenario.ts";

function pem(base64: string): string {
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

async function configOf(settings: ServerSettings, directory: string): Promise<Record<string, unknown>> {
  const caFile = join(directory, "node-roots.pem");
  if (settings.x509pop_ca !== undefined) await writeFile(caFile, pem(settings.x509pop_ca));
  return {
    trust_domain: settings.trust_domain,
    bind: "127.0.0.1:0",
    server_socket: join(directory, "run", "admin.sock"),
    data_dir: join(directory, "state"),
    x509_svid_ttl: settings.default_x509_svid_ttl,
    jwt_svid_ttl: settings.default_jwt_svid_ttl,
    agent_svid_ttl: settings.agent_ttl,
    ca_ttl: settings.ca_ttl,
    admin_ids: settings.admin_ids,
    node_attestors: { join_token: {}, ...(settings.x509pop_ca !== undefined && { x509pop: { ca_file: caFile } }) },
    rate_limit: { attestation: 0, signing: 0 },
    log_level: settings.log_level.toLowerCase(),
  };
}

/** What is logged is not looked at here, but it is written: a log that fails would show. */
function quiet(): ReturnType<typeof createLogger> {
  const destination = new Writable({ write: (_chunk, _encoding, done) => done() });
  return createLogger({ level: "info", format: "json", destination });
}

async function start(settings: ServerSettings, directory: string): Promise<RunningServer> {
  const parsed = parseServerConfig({
    values: await configOf(settings, directory),
    directories: { runtime: directory, state: directory },
    position: () => undefined,
  });
  if ("problems" in parsed) throw new Error(JSON.stringify(parsed.problems));
  return await startServer(parsed.config, { keys: "memory", logger: quiet() });
}

/** A Mayfly server with a folder of its own, both gone at the end. */
export const startMayflyServer: StartTarget = async (_scenario, settings) => {
  const directory = await mkdtemp(join(tmpdir(), "mayfly-vectors-"));
  const server = await start(settings, directory);
  return {
    address: (caller) =>
      caller === "local" ? `unix://${server.adminSocket}` : `127.0.0.1:${String(server.address.port)}`,
    [Symbol.asyncDispose]: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};
