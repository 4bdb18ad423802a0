// SPDX-License-Identifier: Apache-2.0
import type { Deviation } from "./harness/replay.ts";

/** Where our agent answers otherwise on purpose, by scenario and case. Each stands with its reason in docs/spire-compatibility.md, too. */
export const agentDeviations: Readonly<Record<string, Readonly<Record<string, Deviation>>>> = {};
