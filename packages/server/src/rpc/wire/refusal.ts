// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import { StatusError } from "@mayfly/rpc";

/** Why a value on the wire is not acceptable; the text is what SPIRE's clients see. Callers put what failed in front of it. */
export class WireError extends Error {}

/** Runs `convert`; a `WireError` becomes INVALID_ARGUMENT `<what>: <text>`. @throws {StatusError} INVALID_ARGUMENT */
export function orInvalidArgument<T>(what: string, convert: () => T): T {
  try {
    return convert();
  } catch (error) {
    if (error instanceof WireError) throw invalidArgument(`${what}: ${error.message}`, { cause: error });
    throw error;
  }
}

export function invalidArgument(message: string, options?: ErrorOptions): StatusError {
  return withCause(new StatusError(status.INVALID_ARGUMENT, message), options);
}

export function notFound(message: string): StatusError {
  return new StatusError(status.NOT_FOUND, message);
}

export function alreadyExists(message: string): StatusError {
  return new StatusError(status.ALREADY_EXISTS, message);
}

export function failedPrecondition(message: string): StatusError {
  return new StatusError(status.FAILED_PRECONDITION, message);
}

export function internal(message: string, options?: ErrorOptions): StatusError {
  return withCause(new StatusError(status.INTERNAL, message), options);
}

export function unavailable(message: string, options?: ErrorOptions): StatusError {
  return withCause(new StatusError(status.UNAVAILABLE, message), options);
}

function withCause(error: StatusError, options: ErrorOptions | undefined): StatusError {
  if (options?.cause !== undefined) error.cause = options.cause;
  return error;
}
