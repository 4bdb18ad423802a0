// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Intent } from "../src/index.ts";
import { historyRoot, record } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/journal").trimEnd());
});

it("the README's example: one history has one root, however it was batched", () => {
  const intent = (entryRevision: number): Intent => ({
    kind: "x509",
    serialNumber: "0a",
    spiffeId: "spiffe://example.org/web",
    notBefore: 1_790_000_000,
    notAfter: 1_790_000_600,
    tbsHash: new Uint8Array(32),
    requester: "local",
    entryId: "web",
    entryRevision,
  });
  const [a, b, c] = [intent(1), intent(2), intent(3)];
  const root = historyRoot([record([a, b]), record([c])]);
  expect(historyRoot([record([a]), record([b, c])])).toBe(root);
  expect(historyRoot([record([b]), record([a, c])])).not.toBe(root);
});
