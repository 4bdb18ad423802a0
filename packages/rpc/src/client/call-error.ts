// SPDX-License-Identifier: Apache-2.0
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { readStatusDetails } from "../status/status-details.ts";
import { StatusError } from "../status/status-error.ts";

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && "details" in error && "metadata" in error && error.metadata instanceof Metadata;
}

/** The StatusError of what the library gave; `cause` is why there is no connection, when that is known. */
export function toStatusError(error: unknown, cause: Error | undefined): StatusError {
  if (error instanceof StatusError) return error;
  if (!isServiceError(error)) return new StatusError(status.INTERNAL, "the call failed", [], { cause: error });
  const details = readStatusDetails(error.code, error.metadata);
  if (error.code !== status.UNAVAILABLE || cause === undefined)
    return new StatusError(error.code, error.details, details);
  return new StatusError(error.code, `no TLS connection: ${cause.message}`, details, { cause });
}
