// SPDX-License-Identifier: Apache-2.0
import { join } from "node:path";
import { openDatastore } from "@mayfly/datastore";
import { decodeIntentBatch } from "@mayfly/journal";
import { entryService } from "@mayfly/rpc";
import { describe, expect, it } from "vitest";
import { startTarget, trustDomain } from "../bench/target.ts";
import { Load, spend } from "./load.ts";

/** 200 for the record (MAYFLY_KILLS=200); enough here to notice. */
const kills = Number(process.env["MAYFLY_KILLS"] ?? 20);

/** Serial numbers of every intent in the issuance logs of a server that is down. */
async function loggedSerials(dataDir: string): Promise<bigint[]> {
  await using store = await openDatastore({ file: join(dataDir, "server.db"), trustDomain });
  const serials: bigint[] = [];
  for (const authority of await store.issuanceLog.authorities()) {
    for (let from = 0; ; ) {
      const rows = await store.issuanceLog.read(authority, from, 500);
      if (rows.length === 0) break;
      for (const { batch } of rows) {
        for (const { kind, serialNumber } of decodeIntentBatch(batch)) {
          if (kind === "x509") serials.push(BigInt(`0x${serialNumber}`));
        }
      }
      from = (rows.at(-1)?.index ?? from) + 1;
    }
  }
  return serials;
}

describe("a server killed at random instants under load", () => {
  it(
    `ISS-D02 after ${kills} kills nothing acknowledged is lost, no certificate is outside the log, no serial repeats, no token is spent twice`,
    async () => {
      await using target = await startTarget("mayfly");
      const load = new Load(target);
      load.start();
      for (let kill = 0; kill < kills; kill++) {
        await new Promise((resolve) => setTimeout(resolve, 20 + Math.random() * 400));
        await target.restartServer();
      }
      await load.stop();
      const { entries, deletedEntries, serials, tokens } = load.acknowledged;

      const listed = await target.admin.unary(entryService.methods.ListEntries, {});
      const present = new Set(listed.entries.map(({ id }) => id));
      expect([...entries].filter((id) => !present.has(id))).toEqual([]);
      expect([...deletedEntries].filter((id) => present.has(id))).toEqual([]);

      for (const token of tokens.slice(-20)) if (await spend(target, token.value, serials)) token.spent += 1;
      expect(tokens.filter(({ spent }) => spent > 1)).toEqual([]);

      await target.stopServer();
      const logged = await loggedSerials(join(target.dir, "server"));
      const known = new Set(logged);
      expect(known.size).toBe(logged.length);
      expect(new Set(serials).size).toBe(serials.length);
      expect(serials.filter((serial) => !known.has(serial)).length).toBe(0);

      // The positive control: the load did something.
      expect(entries.size).toBeGreaterThan(kills);
      expect(serials.length).toBeGreaterThan(kills);
      expect(tokens.filter(({ spent }) => spent === 1).length).toBeGreaterThan(0);
      process.stdout.write(
        `${kills} kills: ${entries.size} entries, ${serials.length} certificates, ${tokens.length} tokens acknowledged\n`,
      );
    },
    60_000 + kills * 4_000,
  );
});
