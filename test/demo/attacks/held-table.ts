// SPDX-License-Identifier: Apache-2.0
import { Client } from "pg";
import type { DemoWorld } from "../world/demo-world.ts";

/** A table that others wait for, until `release`. */
export interface HeldTable extends AsyncDisposable {
  release(): Promise<void>;
}

/** Locks a table of the database `orders` as the superuser. `lock`: as `LOCK TABLE` takes it. */
export async function holdTable(world: DemoWorld, lock: `${string} IN ${string} MODE`): Promise<HeldTable> {
  const holder = new Client(world.postgres.login({ database: "orders" }));
  await holder.connect();
  await holder.query(`BEGIN; LOCK TABLE ${lock}`);
  return {
    release: async () => void (await holder.query("COMMIT")),
    [Symbol.asyncDispose]: () => holder.end(),
  };
}
