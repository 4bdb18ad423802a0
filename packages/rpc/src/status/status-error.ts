// SPDX-License-Identifier: Apache-2.0

/** google.protobuf.Any: a message with the name of its type. */
export interface StatusDetail {
  /** `type.googleapis.com/<full message name>`. */
  readonly typeUrl: string;
  /** The encoded message. */
  readonly value: Uint8Array;
}

/** A gRPC status that is not OK: what handlers throw, and what clients catch. Code, text and details travel. */
export class StatusError extends Error {
  override readonly name = "StatusError";
  /** A gRPC status code, 1 to 16. */
  readonly code: number;
  readonly details: readonly StatusDetail[];

  constructor(code: number, message: string, details: readonly StatusDetail[] = [], options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.details = details;
  }
}
