// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { callResources } from "./call-resources.ts";
import { findMisspelt } from "./misspelt-names.ts";

const schema = {
  properties: { amount: {}, customer: { properties: { id: {} } }, items: { items: { properties: { sku: {} } } } },
};

it.each([
  [{ Amount: 1 }, "Amount"],
  [{ customer: { ID: 1 } }, "customer.ID"],
  [{ items: [{ sku: 1 }, { SKU: 2 }] }, "items.SKU"],
  [{ other: { Deep: 1 } }, "other.Deep"],
  [{ amount: 1, customer: { id: 2, name: 3 }, free: { Any: 1 }, other: { deep: 1 } }, undefined],
])("finds in %j the name that is a known one in another case: %s", (args, found) => {
  expect(findMisspelt(args, schema, ["other.deep", "amount"])).toBe(found);
});

it("finds the resources that a call names, and stands for those that can't be read by one that nobody covers", () => {
  const args = { path: "a/b", more: ["c", 7], target: { id: "d" }, wrong: "text" };
  expect(callResources(args, ["path", "more", "target.id"])).toEqual(["a/b", "c", "", "d"]);
  expect(callResources(args, ["missing", "target.missing"])).toEqual([]);
  expect(callResources(args, ["wrong.id"])).toEqual([""]);
});
