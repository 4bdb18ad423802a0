// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as testkit from "../src/index.ts";

it("exports what it is meant to", () => {
  expect(Object.keys(testkit).toSorted()).toEqual([
    "FakeWorkloadApi",
    "ManualClock",
    "OtlpReceiver",
    "TestCa",
    "TestPostgres",
    "assertHolds",
    "attempt",
    "contractTrustDomain",
    "datastoreContract",
    "expectCode",
    "fuzzContract",
    "fuzzProgram",
    "generator",
    "guardStoresContract",
    "isTaken",
    "logStoreContract",
    "mutate",
    "noIdentity",
    "taskStoresContract",
  ]);
});
