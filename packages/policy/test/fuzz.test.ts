// SPDX-License-Identifier: Apache-2.0
import { fuzzContract } from "@mayfly/testkit";
import { targets } from "./fuzz-targets.ts";

// To compile policies takes a tenth of a second.
fuzzContract(targets, (name) => (name === "cedar" ? 20 : 200));
