// SPDX-License-Identifier: Apache-2.0
import { taskStoresContract } from "@mayfly/testkit";
import { describe } from "vitest";
import { MemoryStores } from "./memory-stores.ts";

describe("stores in memory", () => {
  taskStoresContract(async () => new MemoryStores());
});
