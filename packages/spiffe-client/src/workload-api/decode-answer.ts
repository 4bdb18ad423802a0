// SPDX-License-Identifier: Apache-2.0
import type { Method, MethodKind } from "@mayfly/rpc";
import { bad } from "./read-answer.ts";

/** The method with answers as bytes: one that can't be decoded is then a message like others, and no end of the stream. */
export function withRawAnswers<Request, Response, Kind extends MethodKind>(
  method: Method<Request, Response, Kind>,
): Method<Request, Buffer, Kind> {
  return { ...method, decodeResponse: (bytes: Buffer): Buffer => bytes };
}

/** Decodes an answer of the method. @throws {WorkloadApiError} BAD_RESPONSE */
export function decodeAnswer<Response>(
  method: Pick<Method<unknown, Response>, "name" | "decodeResponse">,
  bytes: Buffer,
): Response {
  try {
    return method.decodeResponse(bytes);
  } catch (cause) {
    throw bad(`the answer of ${method.name} is no message of the contract`, { cause });
  }
}
