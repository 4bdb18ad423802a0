// SPDX-License-Identifier: Apache-2.0
import type { Sent } from "./message.ts";
import type { Method } from "./service.ts";

/** A response that is encoded already: one encoding can serve many streams. Made by `encodeResponse`. */
export class Encoded<Response> {
  /** The message, protobuf. */
  readonly bytes: Buffer;
  declare readonly response: Response;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Encodes a response of `method` once; a handler may yield or return the result instead of the message, any number of times. */
export function encodeResponse<Request, Response>(
  method: Method<Request, Response>,
  message: Sent<Response>,
): Encoded<Response> {
  return new Encoded(method.encodeResponse(message as object));
}
