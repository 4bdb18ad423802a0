// SPDX-License-Identifier: Apache-2.0
// A process that logs in with the credentials of tasks that end: a bounded stream, with the group taken on by the start-up packet, every third
// login put off from being listed (post_auth_delay). Each session reads for a while, or until it is cut. Orders and words by IPC.
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import type { Credential, StormOrder, StormWord } from "./messages.ts";

const atOnce = 8;
const pauseMs = 100;
const holdMs = 500;
const readEveryMs = 20;

const proven = new Set<string>();
let aim: readonly Credential[] = [];
let tries = 0;
let word = { logins: 0, reads: 0, late: 0 };

async function logIn({ task, login }: Credential): Promise<void> {
  const delay = tries++ % 3 === 2 ? 1 : 0;
  const options = `-c role=readers -c post_auth_delay=${String(delay)}`;
  const client = new Client({ ...login, options, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    word.logins += 1;
    for (const end = performance.now() + holdMs; performance.now() < end; await sleep(readEveryMs)) {
      const isLate = proven.has(task);
      await client.query("SELECT note FROM orders");
      word.reads += 1;
      if (isLate) word.late += 1;
    }
  } catch {
    // Refused or cut: the next one.
  }
  void client.end().catch(() => undefined);
}

async function loop(): Promise<void> {
  for (;;) {
    const credential = aim[Math.floor(Math.random() * aim.length)];
    if (credential !== undefined) await logIn(credential);
    await sleep(pauseMs);
  }
}

process.on("message", (order: StormOrder) => {
  if ("aim" in order) aim = order.aim;
  else if ("proven" in order) proven.add(order.proven);
  else {
    process.send?.(word satisfies StormWord);
    word = { logins: 0, reads: 0, late: 0 };
  }
});
process.on("disconnect", () => process.exit());
await Promise.all(Array.from({ length: atOnce }, loop));
