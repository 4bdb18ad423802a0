// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { workloadConformance } from "../commands/workload/conformance/conformance.ts";
import { workloadExec } from "../commands/workload/exec.ts";
import { fetchBundles } from "../commands/workload/fetch-bundles.ts";
import { fetchJwt } from "../commands/workload/fetch-jwt.ts";
import { fetchX509 } from "../commands/workload/fetch-x509.ts";
import { validateJwt } from "../commands/workload/validate-jwt.ts";
import { workloadWatch } from "../commands/workload/watch.ts";
import { noun } from "./noun.ts";

/** `mayfly workload …`. */
export function workloadNoun(): Command {
  const validateExample = "mayfly workload validate jwt --audience db --token-file token";
  return noun(
    "workload",
    ["what a workload sees", "mayfly workload fetch x509"],
    [
      noun(
        "fetch",
        ["fetch SVIDs and bundles", "mayfly workload fetch x509"],
        [fetchX509(), fetchJwt(), fetchBundles()],
      ),
      noun("validate", ["validate what others sent", validateExample], [validateJwt()]),
      workloadConformance(),
      workloadWatch(),
      workloadExec(),
    ],
  );
}
