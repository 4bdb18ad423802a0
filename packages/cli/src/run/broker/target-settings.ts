// SPDX-License-Identifier: Apache-2.0
import type { SpiffeId } from "@mayfly/spiffe";
import type { SettingsReader } from "./fields.ts";

/** One database in the file. */
export interface TargetSettings {
  readonly name: string;
  readonly database: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** Read at each new connection; undefined = peer authentication. */
  readonly passwordFile: string | undefined;
  /** PEM certificates that the database is trusted by; undefined = no TLS. */
  readonly caFile: string | undefined;
  /** Empty = each of the broker's. */
  readonly toolServers: readonly SpiffeId[];
  readonly group: string;
  readonly rolePrefix: string | undefined;
  readonly connectionLimit: number | undefined;
  readonly statementTimeoutMs: number | undefined;
  readonly settleMs: number | undefined;
  readonly endTimeoutMs: number | undefined;
  readonly legacyRoles: readonly string[];
  readonly publicAddress: { readonly host: string; readonly port: number } | undefined;
}

const keys = [
  "host",
  "port",
  "database",
  "user",
  "password_file",
  "tls_ca_file",
  "tool_servers",
  "group",
  "role_prefix",
  "connection_limit",
  "statement_timeout",
  "settle",
  "end_timeout",
  "legacy_roles",
  "public_address",
];
const identifier = { pattern: /^[^\p{Cc}]{1,63}$/u, expected: "a name of at most 63 characters" };
const host = { pattern: /^\S{1,255}$/, expected: "a name, an address, or the directory of a socket" };
const file = { pattern: /^\/[^\0]*$/, expected: "an absolute path" };

/** Reads one target; its name is the key that it stands under. */
export function readTarget(reader: SettingsReader, name: string, value: unknown): TargetSettings {
  const path = ["targets", name];
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
    reader.report(path, "expected a name of lower-case letters, digits and -");
  const found = reader.mapping(value, path, keys);
  const at = (key: string): readonly string[] => [...path, key];
  const text = (key: string, rule: typeof identifier): string => reader.text(found[key], at(key), rule) ?? "";
  const maybe = (key: string, rule: typeof identifier): string | undefined =>
    found[key] === undefined ? undefined : reader.text(found[key], at(key), rule);
  return {
    name,
    database: text("database", identifier),
    host: text("host", host),
    port: reader.integer(found["port"], at("port"), [1, 65_535]) ?? 5432,
    user: text("user", identifier),
    passwordFile: maybe("password_file", file),
    caFile: maybe("tls_ca_file", file),
    toolServers: found["tool_servers"] === undefined ? [] : reader.ids(found["tool_servers"], at("tool_servers")),
    group: text("group", identifier),
    rolePrefix: maybe("role_prefix", {
      pattern: /^[a-z][a-z0-9_]{1,20}$/,
      expected: "lower-case letters, digits and _",
    }),
    connectionLimit: reader.integer(found["connection_limit"], at("connection_limit"), [1, 1000]),
    statementTimeoutMs: reader.duration(found["statement_timeout"], at("statement_timeout"), [100, 86_400_000]),
    settleMs: reader.duration(found["settle"], at("settle"), [250, 60_000]),
    endTimeoutMs: reader.duration(found["end_timeout"], at("end_timeout"), [1000, 600_000]),
    legacyRoles: reader
      .list(found["legacy_roles"], at("legacy_roles"))
      .map((each, index) => reader.text(each, [...at("legacy_roles"), String(index)], identifier) ?? ""),
    publicAddress: readAddress(reader, found["public_address"], at("public_address")),
  };
}

/** `host:port`; undefined = left out, or wrong and reported. */
export function readAddress(
  reader: SettingsReader,
  value: unknown,
  path: readonly string[],
): { readonly host: string; readonly port: number } | undefined {
  if (value === undefined) return undefined;
  const [, name = "", port = ""] =
    /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(typeof value === "string" ? value : "") ?? [];
  if (name !== "" && Number(port) <= 65_535) return { host: name.replace(/^\[|\]$/g, ""), port: Number(port) };
  return reader.report(path, "expected host:port");
}
