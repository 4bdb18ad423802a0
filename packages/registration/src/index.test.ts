// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as registration from "./index.ts";

it("exports these values and no others", () => {
  expect(Object.keys(registration).toSorted()).toEqual([
    "EntryIndex",
    "NodeIndex",
    "RegistrationError",
    "SelectorSet",
    "agentsConcerned",
    "authorizedSet",
    "compareHintPriority",
    "compareSelectors",
    "diffSets",
    "entryVersion",
    "explain",
    "findingMeanings",
    "formatDuration",
    "formatSelector",
    "isExpired",
    "isNodeAlias",
    "matchEntries",
    "parseDuration",
    "parseSelector",
    "setDigest",
    "taskSelector",
    "taskSelectorType",
  ]);
});
