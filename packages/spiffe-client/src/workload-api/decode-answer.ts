// SPDX-License-Identifier: Apache-2.0
import type { Method, ServerStream, Unary } from "@mayfly/rpc";
import { bad } from "./read-answer.ts";

/** The call with its answer as bytes: one that can't be decoded is then an answer like others. */
export function withRawAnswer<Request, Response>(method: Unary<Request, Response>): Unary<Request, Buffer> {
  return { ...method, decodeResponse: raw };
}

/** The stream with messages as bytes: one that can't be decoded is then no end of it. Requests of the streams have no field. */
export function rawStream(method: ServerStream<object, unknown>): ServerStream<object, Buffer> {
  return { ...method, encodeRequest: () => Buffer.alloc(0), decodeResponse: raw };
}

function raw(bytes: Buffer): Buffer {
  return bytes;
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
