// SPDX-License-Identifier: Apache-2.0
import { deviations } from "./deviations.ts";
import { replayScenario } from "./harness/replay.ts";
import { startMayflyServer } from "./harness/start-mayfly.ts";

for (const scenario of [
  "entry",
  "agent",
  "agent-expiry",
  "authorization",
  "bundle",
  "certificates",
  "localauthority",
  "misc",
  "svid",
  "sync",
]) {
  replayScenario(scenario, startMayflyServer, deviations[scenario]);
}
