// SPDX-License-Identifier: Apache-2.0
// Fuzzes one parser: node --conditions=@mayfly/source packages/spiffe/test/fuzz.ts TARGET [SECONDS] [SEED]
import { fuzzProgram } from "@mayfly/testkit";
import { binaryTargets } from "./fuzz-binary-targets.ts";
import { textTargets } from "./fuzz-text-targets.ts";

await fuzzProgram(import.meta.url, { ...textTargets, ...binaryTargets });
