// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { Latest } from "./latest.ts";

it("gives a reader the value there is, then the newest, and skips what it missed", async () => {
  const latest = new Latest<number>();
  const reader = latest.read();
  const first = reader.next();
  latest.publish(1);
  expect((await first).value).toBe(1);
  for (const value of [2, 3, 4]) latest.publish(value);
  expect((await reader.next()).value).toBe(4);
  expect(latest.value).toBe(4);
  expect((await latest.read().next()).value).toBe(4);
});

it("gives a reader what it did not see yet before the end", async () => {
  const latest = new Latest<number>();
  latest.publish(1);
  const reader = latest.read();
  latest.end(undefined);
  expect(await reader.next()).toEqual({ done: false, value: 1 });
  expect(await reader.next()).toEqual({ done: true, value: undefined });
});

it("ends readers that wait with the error", async () => {
  const latest = new Latest<number>();
  const waiting = latest.read().next();
  const error = new Error("over");
  latest.end(error);
  latest.end(undefined);
  await expect(waiting).rejects.toBe(error);
  await expect(latest.read().next()).rejects.toBe(error);
});
