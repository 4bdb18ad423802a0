// SPDX-License-Identifier: Apache-2.0
import type { Json, Scenario, ServerSettings } from "./scenario.ts";

/** What a scenario is played against. */
export interface Target extends AsyncDisposable {
  /** gRPC target of a caller without certificate: `local`, `anonymous` (TCP), `workload`, `agent-admin`. */
  address(caller: string): string;
}

/** Starts a fresh server (and agent, when the scenario has one). Settings have their references resolved. */
export type StartTarget = (
  scenario: Scenario,
  settings: ServerSettings,
  resolve: (value: Json) => Json,
) => Promise<Target>;
