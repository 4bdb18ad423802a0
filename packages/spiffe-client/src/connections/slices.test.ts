// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { expect, it } from "vitest";
import { Slices } from "./slices.ts";

function busy(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

it("a few are done at once, many with turns of the event loop between", async () => {
  const done: number[] = [];
  const slices = new Slices<number>((item) => {
    done.push(item);
    busy(8);
  });
  slices.begin([1, 2]);
  expect(done).toEqual([1, 2]);
  slices.begin([3, 4, 5, 6, 7, 8]);
  expect(done.length).toBeLessThan(8);
  await expect.poll(() => done).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

it("an earlier run is gone on with, or given up for a new one", async () => {
  const done: string[] = [];
  const slices = new Slices<string>((item) => {
    done.push(item);
    busy(25);
  });
  slices.begin(["a", "b", "c"]);
  expect(done).toEqual(["a"]);
  slices.begin(["x"]);
  expect(done).toEqual(["a", "b"]);
  slices.beginAnew(["e", "f"]);
  await expect.poll(() => done.at(-1)).toBe("f");
  expect(done).toEqual(["a", "b", "e", "f"]);
});

it("one that fails does not keep the others", async () => {
  const warned = once(process, "warning");
  const done: number[] = [];
  const slices = new Slices<number>((item) => {
    if (item === 1) throw new Error("a step that fails");
    done.push(item);
  });
  slices.begin([1, 2]);
  slices.begin([3]);
  expect(done).toEqual([2, 3]);
  expect(await warned).toMatchObject([{ message: "a step that fails" }]);
});
