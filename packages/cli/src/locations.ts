// SPDX-License-Identifier: Apache-2.0
import { homedir } from "node:os";
import { join } from "node:path";

/** Where default paths begin: sockets under `runtime`, what survives a restart under `state`. */
export interface Directories {
  readonly runtime: string;
  readonly state: string;
}

/** The environment as a plain record. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Directories of root, or those of another user. */
export function directoriesOf(environment: Environment, uid: number): Directories {
  if (uid === 0) return { runtime: "/run/mayfly", state: "/var/lib/mayfly" };
  const runtime = environment["XDG_RUNTIME_DIR"];
  const state = environment["XDG_STATE_HOME"];
  const home = environment["HOME"];
  return {
    runtime: runtime ? join(runtime, "mayfly") : `/tmp/mayfly-${uid}`,
    state: join(state ? state : join(home ? home : homedir(), ".local", "state"), "mayfly"),
  };
}

/** Sockets that commands talk to when nothing says otherwise. */
export function defaultSockets(): { readonly server: string; readonly workload: string } {
  const { runtime } = directoriesOf(process.env, process.geteuid?.() ?? 0);
  return { server: join(runtime, "server", "admin.sock"), workload: join(runtime, "agent", "workload.sock") };
}
