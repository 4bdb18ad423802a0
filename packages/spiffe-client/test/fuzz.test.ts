// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { fuzzMessages, fuzzTargets } from "./fuzz-messages.ts";

it("WLAPI-09: whatever a message holds, nothing but a WorkloadApiError comes out", () => {
  const { runs, findings } = fuzzMessages(1, 20_261_124);
  expect(findings).toEqual([]);
  expect(runs).toBeGreaterThan(100);
});

it.each(fuzzTargets())("the answers that fuzzing begins with are good: $name", ({ seeds, read }) => {
  for (const bytes of seeds) expect(read(bytes)).toBeTruthy();
});
