// SPDX-License-Identifier: Apache-2.0
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian and its relatives put server programs, outside PATH. */
const packaged = "/usr/lib/postgresql";

/**
 * The directory of PostgreSQL's server programs: MAYFLY_POSTGRES_BIN, else the newest that is installed, else on PATH.
 * @throws {Error} when there is none
 */
export function postgresBin(): string {
  const versions = existsSync(packaged) ? readdirSync(packaged).toSorted((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    process.env["MAYFLY_POSTGRES_BIN"],
    ...versions.map((version) => join(packaged, version, "bin")),
    ...(process.env["PATH"] ?? "").split(delimiter),
  ];
  const found = candidates.find((dir) => dir !== undefined && dir !== "" && existsSync(join(dir, "initdb")));
  if (found === undefined) throw new Error("PostgreSQL's server programs are not installed");
  return found;
}
