// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openOrders } from "./readme-example.ts";
import { World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

it("the README's example is the one that is tested", () => {
  const [, ...lines] = readFileSync(new URL("readme-example.ts", import.meta.url), "utf8").split("\n");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  expect(readme).toContain(lines.join("\n").replace("../src/client.ts", "@mayfly/broker/client").trimEnd());
});

it("the README's example: a session for one call, which ends with its task", async () => {
  world.feed.say("t-readme", "active");
  const client = await openOrders(world.source("/tools/orders"), world.broker.port, world.statement("t-readme"));
  client.on("error", () => undefined);
  expect((await client.query("SELECT note FROM orders")).rows).toEqual([{ note: "a secret" }]);
  const ended = new Promise((resolve) => client.once("end", resolve));
  world.feed.say("t-readme", "ended");
  await ended;
  await expect(client.query("SELECT 1")).rejects.toThrow();
});
