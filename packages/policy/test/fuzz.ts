// SPDX-License-Identifier: Apache-2.0
// Fuzzes one parser: node --conditions=@mayfly/source packages/policy/test/fuzz.ts TARGET [SECONDS] [SEED]
import { fuzzProgram } from "@mayfly/testkit";
import { targets } from "./fuzz-targets.ts";

await fuzzProgram(import.meta.url, targets);
