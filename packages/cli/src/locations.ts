// SPDX-License-Identifier: Apache-2.0
import { lstatSync } from "node:fs";
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

/**
 * Whether sockets below the directory may be somebody else's: the one in /tmp can be made by any user before its owner does.
 * Nothing there is no danger: then there is no socket either.
 */
export function isForeign(directory: string, uid: number): boolean {
  const found = lstatSync(directory, { throwIfNoEntry: false });
  return found !== undefined && !(found.isDirectory() && (found.uid === uid || found.uid === 0));
}

/** Sockets that commands talk to when nothing says otherwise. */
export function defaultSockets(): { readonly runtime: string; readonly server: string; readonly workload: string } {
  const { runtime } = directoriesOf(process.env, process.geteuid?.() ?? 0);
  return { runtime, server: join(runtime, "server", "admin.sock"), workload: join(runtime, "agent", "workload.sock") };
}
