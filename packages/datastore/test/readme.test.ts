// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { register } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/datastore").trimEnd());
});

it("the README's example registers and hears of it", async () => {
  const entry = {
    id: "one",
    spiffeId: "spiffe://example.org/one",
    parentId: "spiffe://example.org/spire/agent/a",
    selectors: [{ type: "unix", value: "uid:1000" }],
    x509SvidTtl: 0,
    jwtSvidTtl: 0,
    federatesWith: [],
    admin: false,
    downstream: false,
    expiresAt: 0,
    dnsNames: [],
    storeSvid: false,
    hint: "",
  };
  expect(await register(":memory:", entry)).toEqual(["created", "1: one"]);
});
