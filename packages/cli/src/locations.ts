// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";

const uid = process.getuid?.() ?? 0;

function runtimeDir(): string {
  if (uid === 0) return "/run/mayfly";
  const session = process.env["XDG_RUNTIME_DIR"];
  return session === undefined || session === "" ? `/tmp/mayfly-${uid}` : join(session, "mayfly");
}

function stateDir(): string {
  if (uid === 0) return "/var/lib/mayfly";
  const state = process.env["XDG_STATE_HOME"];
  return join(state === undefined || state === "" ? join(process.env["HOME"] ?? "/", ".local/state") : state, "mayfly");
}

/** Where things are when nothing says otherwise; others than root get their own directories. */
export const defaults: {
  readonly serverSocket: string;
  readonly workloadSocket: string;
  readonly serverDataDir: string;
  readonly agentDataDir: string;
} = {
  serverSocket: join(runtimeDir(), "server", "admin.sock"),
  workloadSocket: join(runtimeDir(), "agent", "workload.sock"),
  serverDataDir: join(stateDir(), "server"),
  agentDataDir: join(stateDir(), "agent"),
};
