// SPDX-License-Identifier: Apache-2.0
import type { PeerProcess } from "@mayfly/attestation";
import type { CallContext } from "@mayfly/rpc";
import type { Standing } from "../standing.ts";
import type { JwtCache } from "../svid/jwt-cache.ts";
import type { SvidCache } from "../svid/svid-cache.ts";
import type { OpenStreams } from "../tasks/open-streams.ts";
import type { StandingTable } from "../tasks/standing-table.ts";
import type { CallerDeps } from "./caller.ts";

/** What the handlers of the Workload API need. */
export interface WorkloadDeps extends CallerDeps {
  readonly standing: Standing;
  readonly svids: SvidCache;
  readonly tokens: JwtCache;
  readonly tasks: StandingTable;
  /** Of all workloads. */
  readonly streams: OpenStreams;
  /** Name of the agent's trust domain; undefined until the enrolment string is read. */
  readonly trustDomain: string;
  /** How long a stream without a match is held before it is refused. */
  readonly refusalHoldMs: number;
  /** How long a call is held while the agent does not know what the server says. */
  readonly unsettledHoldMs: number;
}

/** A call of the Workload API: its peer is the process that connected. */
export type WorkloadCall = CallContext<PeerProcess>;
