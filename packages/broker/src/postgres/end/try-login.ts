// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { LeaseError } from "../../errors.ts";
import { sqlState } from "../admin-pool.ts";
import type { Secret } from "../secret.ts";
import type { PostgresTargetConfig } from "../target-config.ts";

const attempts = 5;

/**
 * Tries the credential for what it is worth: gives the SQLSTATE (class 28) by which the database refused it.
 * @throws {LeaseError} STILL_ALIVE when it logs in; TARGET_UNAVAILABLE when nobody refused it
 */
export async function tryLogin(config: PostgresTargetConfig, name: string, secret: Secret): Promise<string> {
  let last: unknown;
  for (let attempt = 0; attempt < attempts; attempt++) {
    if (attempt > 0) await sleep(50 * 2 ** attempt);
    const client = loginClient(config, name, secret);
    try {
      await client.connect();
    } catch (error) {
      last = error;
      const state = sqlState(error);
      if (state?.startsWith("28") === true) return state;
      continue;
    } finally {
      void client.end().catch(() => undefined);
    }
    throw new LeaseError("STILL_ALIVE", "the credential still logs in");
  }
  throw new LeaseError("TARGET_UNAVAILABLE", "whether the credential logs in could not be tried", { cause: last });
}

function loginClient({ admin, database }: PostgresTargetConfig, user: string, secret: Secret): Client {
  const client = new Client({
    host: admin.host,
    port: admin.port,
    ssl: admin.tls ?? false,
    database,
    user,
    password: secret.reveal(),
    application_name: "mayfly-broker-probe",
    connectionTimeoutMillis: 5_000,
  });
  client.on("error", () => undefined);
  return client;
}
