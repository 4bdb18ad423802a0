// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { LeaseError } from "../../errors.ts";
import type { Secret } from "../secret.ts";
import type { PostgresTargetConfig } from "../target-config.ts";
import { attemptLogin } from "./attempt-login.ts";

const attempts = 5;

/**
 * Tries the credential for what it is worth: gives the SQLSTATE (class 28) by which the database refused it.
 * @throws {LeaseError} STILL_ALIVE when it logs in; TARGET_UNAVAILABLE when nobody refused it
 */
export async function tryLogin(config: PostgresTargetConfig, user: string, secret: Secret): Promise<string> {
  let last: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await sleep(50 * 2 ** attempt);
    try {
      const state = await attemptLogin(config, user, secret);
      if (state === "") throw new LeaseError("STILL_ALIVE", "the credential still logs in");
      if (state.startsWith("28")) return state;
      last = new Error(`SQLSTATE ${state}`);
    } catch (error) {
      if (error instanceof LeaseError) throw error;
      last = error;
    }
  }
  throw new LeaseError("TARGET_UNAVAILABLE", "whether the credential logs in could not be tried", { cause: last });
}
