// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { isServing, serveHealth } from "./readme-example.ts";

it("the README's example is the one that is tested", () => {
  const example = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8").replaceAll(
    "@mayfly/rpc",
    "../src/index.ts",
  );
  expect(readme).toContain(example.slice(example.indexOf("\n") + 1));
});

it("the README's example serves and asks", async () => {
  const directory = mkdtempSync(join(tmpdir(), "rpc-"));
  const { server, listener } = serveHealth(join(directory, "s.sock"));
  await once(listener, "listening");
  expect(await isServing(join(directory, "s.sock"))).toBe(true);
  listener.close();
  await server.close(100);
  rmSync(directory, { recursive: true });
});
