// SPDX-License-Identifier: Apache-2.0
import { agentDeviations } from "./agent-deviations.ts";
import { replayScenario } from "./harness/replay.ts";
import { startMayflyAgent } from "./harness/start-agent.ts";

for (const scenario of ["workload", "workload-stream", "workload-leeway"]) {
  replayScenario(scenario, startMayflyAgent, agentDeviations[scenario]);
}
