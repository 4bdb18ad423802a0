// SPDX-License-Identifier: Apache-2.0
import type { ExplainRequest, ExplainResponse, Sent } from "@mayfly/rpc";
import type { Clock } from "../../clock.ts";
import type { LiveViews } from "../../views/live-views.ts";
import { notImplemented } from "../not-implemented.ts";

/** What explaining needs. */
export interface ExplainDeps {
  readonly views: LiveViews;
  readonly clock: Clock;
}

/** Why a process does or does not get an identity. */
export function explainIdentity(_deps: ExplainDeps, _request: ExplainRequest): Promise<Sent<ExplainResponse>> {
  return Promise.reject(notImplemented("Explain"));
}
