// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as datastore from "../src/index.ts";

it("exports what it is meant to", () => {
  expect(Object.keys(datastore).toSorted()).toEqual(["StoreError", "openDatastore"]);
});
