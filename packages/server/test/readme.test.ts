// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { healthService, RpcChannel } from "@mayfly/rpc";
import { expect, it } from "vitest";
import { serveFor } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/index.ts", "@mayfly/server").trimEnd());
});

it("the README's example serves", async () => {
  const directory = await mkdtemp(join(tmpdir(), "mayfly-readme-"));
  try {
    const address = await serveFor(directory, async (adminSocket) => {
      using admin = RpcChannel.open({ address: `unix://${adminSocket}` });
      expect(await admin.unary(healthService.methods.Check, {})).toEqual({ status: "SERVING" });
    });
    expect(address).toMatch(/^127\.0\.0\.1:[1-9][0-9]+$/);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
