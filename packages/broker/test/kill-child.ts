// SPDX-License-Identifier: Apache-2.0
// A broker's core that begins and ends leases as fast as it can, until it is killed. Arguments: configuration (JSON) and ledger file.
import { silentLogger } from "@mayfly/telemetry";
import { LeaseBook } from "../src/lease/lease-book.ts";
import { PostgresTarget } from "../src/postgres/postgres-target.ts";
import type { PostgresTargetConfig } from "../src/postgres/target-config.ts";
import { FileLedger } from "./ports.ts";
import { alwaysActive, plainStatement } from "./always-active.ts";
import { brokerPassword } from "./target.ts";

const [config = "", ledgerFile = ""] = process.argv.slice(2);
const { admin, ...rest } = JSON.parse(config) as PostgresTargetConfig;
const target = await PostgresTarget.open(
  { ...rest, admin: { ...admin, password: () => brokerPassword } },
  silentLogger,
);
const book = new LeaseBook({
  targets: new Map([[target.name, target]]),
  ledger: new FileLedger(ledgerFile),
  watch: alwaysActive,
  logger: silentLogger,
  by: () => "spiffe://example.org/broker",
});

async function leases(task: string): Promise<never> {
  for (let call = 0; ; call++) {
    const statement = plainStatement(task, `c-${call}`);
    const request = {
      statement,
      target: target.name,
      mode: "leased",
      holder: "spiffe://example.org/tools",
      ttlSeconds: 60,
    } as const;
    const { held } = await book.open(request, { taskId: task, callId: `c-${call}` });
    if (call === 0) process.stdout.write("begun\n");
    if (call % 2 === 0) void book.end(held, "test");
    if (call > 20) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

await Promise.all(["t-one", "t-two", "t-three"].map((task) => leases(task)));
