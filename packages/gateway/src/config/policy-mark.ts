// SPDX-License-Identifier: Apache-2.0
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { GatewayError } from "../errors.ts";

/**
 * The highest revision of a policy bundle that was in force: `policy-revision` in the data directory, a decimal number. A directory of
 * policies that was rolled back, signature and all, is refused after a restart, too.
 */
export class PolicyMark {
  readonly #path: string;
  #revision: number;

  /** 1 where nothing was in force yet. @throws {GatewayError} POLICY_UNREADABLE */
  constructor(dataDir: string) {
    this.#path = `${dataDir}/policy-revision`;
    this.#revision = read(this.#path);
  }

  get revision(): number {
    return this.#revision;
  }

  /** Keeps a revision that is in force now. @throws {GatewayError} POLICY_UNREADABLE when it can't be written */
  raise(revision: number): void {
    if (revision <= this.#revision) return;
    const aside = `${this.#path}.new`;
    try {
      writeFileSync(aside, `${String(revision)}\n`, { mode: 0o600, flush: true });
      renameSync(aside, this.#path);
    } catch (cause) {
      throw new GatewayError("POLICY_UNREADABLE", `${this.#path} can't be written`, { cause });
    }
    this.#revision = revision;
  }
}

function read(path: string): number {
  try {
    const text = readFileSync(path, "utf8");
    if (/^[1-9][0-9]{0,14}\n$/.test(text)) return Number(text);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return 1;
    throw new GatewayError("POLICY_UNREADABLE", `${path} can't be read`, { cause });
  }
  const help = "write the revision of the last good bundle into it, or remove it and set policy_min_revision";
  throw new GatewayError("POLICY_UNREADABLE", `${path} is damaged: ${help}`);
}
