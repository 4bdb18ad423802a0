// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { permissionDeniedDetail, StatusError } from "@mayfly/rpc";
import type { AgentDenial } from "../authorization/agent-check.ts";

/** PERMISSION_DENIED for a method, with the reason in the details when the caller could have been an agent. */
export function denied(path: string, denial: AgentDenial | undefined): StatusError {
  const details = denial === undefined ? [] : [permissionDeniedDetail(denial)];
  return new StatusError(status.PERMISSION_DENIED, `authorization denied for method ${path}`, details);
}
