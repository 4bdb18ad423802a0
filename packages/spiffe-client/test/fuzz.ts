// SPDX-License-Identifier: Apache-2.0
// Fuzzes what clients read: node --conditions=@mayfly/source packages/spiffe-client/test/fuzz.ts messages [SECONDS] [SEED]
import { fuzzProgram } from "@mayfly/testkit";
import { targets } from "./fuzz-targets.ts";

await fuzzProgram(import.meta.url, targets);
