// SPDX-License-Identifier: Apache-2.0
import { generator, isTaken, mutate } from "@mayfly/testkit";
import { expect, it } from "vitest";
import { answers, targets } from "./fuzz-targets.ts";

it.each(Object.entries(targets))(
  "WLAPI-09: whatever a message holds, nothing but a WorkloadApiError comes out: %s",
  async (_, target) => {
    const random = generator(20_261_124);
    let taken = 0;
    for (let run = 0; run < 1_000; run++) taken += Number(await isTaken(target, mutate(target, random)));
    expect(taken).toBeGreaterThan(0);
  },
);

it.each(answers)("the answers that fuzzing begins with are good: $name", ({ seeds, read }) => {
  for (const bytes of seeds) expect(read(bytes)).toBeTruthy();
});
