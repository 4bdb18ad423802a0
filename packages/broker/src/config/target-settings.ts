// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import type { PostgresTargetConfig } from "../postgres/target-config.ts";
import { Fields } from "./fields.ts";

/** One database of the file: all that a target has; its password is read from a file at each connection. */
export type TargetSettings = PostgresTargetConfig;

const keys = ["host", "port", "database", "user", "password_file", "group", "role_prefix", "connection_limit"];
const identifier = (text: string): string | undefined => (/^[^\0]{1,63}$/.test(text) ? text : undefined);
const path = (text: string): string | undefined => (/^\/[^\0]*$/.test(text) ? text : undefined);

/** Reads `targets.<name>`; undefined when something is wrong, and reported. */
export function readTarget(
  name: string,
  value: unknown,
  report: (path: readonly string[], problem: string) => void,
): TargetSettings | undefined {
  const at = ["targets", name];
  if (!/^[a-z0-9-]{1,32}$/.test(name)) report(at, "expected a name of lower-case letters, digits and -");
  const fields = new Fields(value, at, [...keys, "legacy_roles"], report);
  const host = fields.needed(
    "host",
    fields.text("host", "a host or a socket's directory", (text) => text || undefined),
  );
  const database = fields.needed("database", fields.text("database", "a name", identifier));
  const user = fields.needed("user", fields.text("user", "a name", identifier));
  const group = fields.needed("group", fields.text("group", "a name", identifier));
  const port = fields.integer("port", 1, 65_535) ?? 5432;
  const passwordFile = fields.text("password_file", "an absolute path", path);
  const rest = {
    rolePrefix: fields.text("role_prefix", "a name", identifier),
    connectionLimit: fields.integer("connection_limit", 1, 100),
    legacyRoles: fields.texts("legacy_roles", 256, "a name", identifier),
  };
  if (host === undefined || database === undefined || user === undefined || group === undefined) return undefined;
  const password = passwordFile === undefined ? undefined : () => readPassword(passwordFile);
  return { name, database, group, admin: { host, port, user, password }, ...rest };
}

async function readPassword(file: string): Promise<string> {
  return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
}
