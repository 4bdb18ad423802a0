// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as policy from "../src/index.ts";

it("exports what the other packages may use, and no way to name a principal", () => {
  expect(Object.keys(policy).sort()).toEqual([
    "AuthZenError",
    "PolicyBundle",
    "PolicyError",
    "PolicyStore",
    "Principal",
    "answerEvaluations",
    "builtInSchema",
    "createMetadata",
    "decisionAnswer",
    "evaluationOfCall",
    "explain",
    "explainRequest",
    "metadataPath",
    "parseEvaluation",
    "parseEvaluations",
    "readBundleFiles",
    "readCall",
    "readPolicyFiles",
    "runPolicyTests",
    "signManifest",
    "starterPolicies",
    "writeManifest",
  ]);
});
