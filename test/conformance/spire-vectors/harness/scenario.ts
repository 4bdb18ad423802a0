// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** A JSON value, as proto3 JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Configuration of the fresh server of a scenario. */
export interface ServerSettings {
  readonly trust_domain: string;
  readonly agent_ttl: string;
  readonly ca_ttl: string;
  readonly default_jwt_svid_ttl: string;
  readonly default_x509_svid_ttl: string;
  readonly log_level: string;
  readonly admin_ids: readonly string[];
  /** Base64 of DER, references resolved. */
  readonly x509pop_ca?: string;
}

/** A call made in the middle of a stream. */
export interface SideCall {
  readonly rpc: string;
  readonly caller: string;
  readonly request: Json;
}

export interface VectorCase {
  readonly id: string;
  readonly rpc: string;
  readonly caller: string;
  readonly note?: string;
  readonly after?: string;
  readonly changes?: boolean;
  readonly wait_ms?: number;
  readonly poll_ms?: number;
  readonly timeout_ms?: number;
  readonly metadata?: Readonly<Record<string, readonly string[]>>;
  readonly request: Json;
  readonly take?: number;
  readonly midway?: readonly SideCall[];
  readonly code: number;
  readonly message: string;
  readonly details?: readonly Json[];
  readonly status_details_bin?: string;
  readonly response?: Json;
  readonly unordered?: readonly string[];
  readonly any?: readonly string[];
}

export interface CallerCertificate {
  readonly chain: string | readonly string[];
  readonly key: string;
}

export interface Scenario {
  readonly scenario: string;
  readonly about: string;
  readonly server: ServerSettings;
  readonly agent?: { readonly join_token: string; readonly authorized_delegates?: readonly string[] };
  readonly fixtures?: Readonly<Record<string, string>>;
  readonly callers?: Readonly<Record<string, CallerCertificate>>;
  readonly cases: readonly VectorCase[];
}

const directory = fileURLToPath(new URL("../../../../../shared/vectors/spire-1.13.3/", import.meta.url));

/** Whether the recorded answers lie beside this checkout. */
export const vectorsPresent: boolean = existsSync(directory);

/** Reads one scenario file by name, such as `entry`. */
export function loadScenario(name: string): Scenario {
  return JSON.parse(readFileSync(`${directory}${name}.json`, "utf8")) as Scenario;
}
