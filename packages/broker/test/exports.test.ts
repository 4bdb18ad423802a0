// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as client from "../src/client.ts";
import * as broker from "../src/index.ts";

it("exports what processes and tool servers may use, and nothing else", () => {
  expect(Object.keys(broker).toSorted()).toEqual(["LeaseError", "joinServer", "startBroker"]);
  expect(Object.keys(client).toSorted()).toEqual([
    "BrokerRefusal",
    "cancelAtBroker",
    "connectThroughBroker",
    "endLeaseAtBroker",
    "leaseFromBroker",
  ]);
});
