// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { exportLog, MemoryLogStore, newSigner, realClock } from "./memory-log.ts";
import { checked, recorded } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/journal").trimEnd());
});

it("the README's example: a call is in the log before it is done, and its record is proved to others", async () => {
  const [store, signer] = [new MemoryLogStore(), newSigner()];
  let before = 0;
  const receipt = await recorded({ store, signer, clock: realClock }, () => {
    before = store.entries.length;
    return Promise.resolve("done");
  });
  expect([before, store.entries.length]).toEqual([1, 2]);
  const log = await exportLog(store);
  const vkey = signer.key.toString();
  expect(await checked(vkey, receipt, log)).toEqual(["c-1"]);
  log.set("tile/entries/000.p/2", Buffer.from("nonsense"));
  expect(await checked(vkey, receipt, log)).toEqual(["c-1", "TRUNCATED at 0"]);
});
