// SPDX-License-Identifier: Apache-2.0
import type { EnumValue } from "../message.ts";

/** Asks for the health of a service; empty = the whole server. */
export interface HealthCheckRequest {
  readonly service: string;
}

/** Values of ServingStatus. */
export type ServingStatus = "UNKNOWN" | "SERVING" | "NOT_SERVING" | "SERVICE_UNKNOWN";

/** Answers Check and Watch. */
export interface HealthCheckResponse {
  readonly status: EnumValue<ServingStatus>;
}

/** Answers List. */
export interface HealthListResponse {
  readonly statuses: Readonly<Record<string, HealthCheckResponse>>;
}
