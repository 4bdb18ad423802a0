// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";

/** What the tool server's file says. */
export interface ToolServerConfig {
  /** 0 = any; `ready PORT` on stdout tells. */
  readonly port: number;
  /** Path of the Workload API's socket. */
  readonly workload_socket: string;
  /** Which of the process's identities; default: the first. */
  readonly spiffe_id?: string;
  /** The one that may call. */
  readonly gateway_id: string;
  readonly broker: { readonly host: string; readonly port: number; readonly id: string };
  /** The broker's name of the database. */
  readonly target: string;
  /** Gets the port, too, once it listens. */
  readonly ready_file?: string;
  /** Where the tool `read_file` reads; default: nowhere. */
  readonly files?: string;
  /** JSON file with other descriptions of tools, by name: a supplier's update. Read anew for each request. */
  readonly descriptions?: string;
  /** Whether `_meta` of calls is in the log and in the answers, as with a careless server. Read anew for each request. */
  readonly echo_meta?: boolean;
}

/** @throws when it can't be read */
export function readConfig(file: string): ToolServerConfig {
  return JSON.parse(readFileSync(file, "utf8")) as ToolServerConfig;
}
