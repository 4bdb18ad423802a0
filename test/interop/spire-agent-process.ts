// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Background, type MayflyServer, runProgram, until } from "../processes.ts";
import { peerCommand } from "./peers.ts";

function configOf(server: MayflyServer, dir: string, socket: string): string {
  return `agent {
  data_dir = "${join(dir, "data")}"
  log_level = "WARN"
  server_address = "127.0.0.1"
  server_port = "${server.port}"
  socket_path = "${socket}"
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

/** An unmodified spire-agent as a real process, attested to our server with a join token; its files are in a directory that the caller removes. */
export class RunningSpireAgent implements AsyncDisposable {
  readonly id: string;
  readonly env: Record<string, string>;
  readonly #process: Background;

  private constructor(id: string, socket: string, process: Background) {
    this.id = id;
    this.env = { SPIFFE_ENDPOINT_SOCKET: `unix://${socket}` };
    this.#process = process;
  }

  static async start(server: MayflyServer, dir: string): Promise<RunningSpireAgent> {
    const socket = join(dir, "public", "api.sock");
    const token = server.mayfly("token", "create").trim();
    writeFileSync(join(dir, "bundle.pem"), server.mayfly("bundle", "show"));
    writeFileSync(join(dir, "agent.conf"), configOf(server, dir, socket));
    for (const folder of ["data", "keys"]) runProgram(["install", "-d", join(dir, folder)]);
    const [program = ""] = peerCommand("spire-agent");
    const process = new Background([program, "run", "-config", join(dir, "agent.conf"), "-joinToken", token]);
    const healthy = (): boolean => runProgram([program, "healthcheck", "-socketPath", socket]).status === 0;
    await until(() => process.log, healthy, 60_000);
    return new RunningSpireAgent(`spiffe://${server.trustDomain}/spire/agent/join_token/${token}`, socket, process);
  }

  /** Resolves when it gives this process as many X.509-SVIDs: it polls. */
  async serves(count: number): Promise<void> {
    const [program = ""] = peerCommand("spire-agent");
    const socket = this.env["SPIFFE_ENDPOINT_SOCKET"]?.slice("unix://".length) ?? "";
    const fetched = (): boolean => {
      const { stdout } = runProgram([program, "api", "fetch", "x509", "-socketPath", socket, "-timeout", "2s"]);
      return stdout.split("SPIFFE ID:").length - 1 === count;
    };
    await until(() => this.#process.log, fetched, 60_000);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#process[Symbol.asyncDispose]();
  }
}
