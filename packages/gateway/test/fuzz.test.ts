// SPDX-License-Identifier: Apache-2.0
import { fuzzContract } from "@mayfly/testkit";
import { targets } from "./fuzz-targets.ts";

fuzzContract(targets);
