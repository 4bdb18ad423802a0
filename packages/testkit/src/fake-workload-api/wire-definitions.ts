// SPDX-License-Identifier: Apache-2.0
import type { MethodDefinition } from "@grpc/grpc-js";
import { workloadApiService } from "@mayfly/rpc";

/** A message by its fields, or its bytes as they go on the wire. */
export type WireMessage = object | Uint8Array;

type Described = (typeof workloadApiService.methods)[keyof typeof workloadApiService.methods];

/** The methods of the contract as grpc-js serves them, by name; bytes are sent as they are. */
export const definitions: Readonly<Record<string, MethodDefinition<object, WireMessage>>> = Object.fromEntries(
  Object.values(workloadApiService.methods).map((method: Described) => [
    method.name,
    {
      path: method.path,
      requestStream: false,
      responseStream: method.kind === "server-stream",
      requestSerialize: method.encodeRequest,
      requestDeserialize: method.decodeRequest,
      responseSerialize: (message: WireMessage) =>
        message instanceof Uint8Array ? Buffer.from(message) : method.encodeResponse(message),
      responseDeserialize: method.decodeResponse,
    },
  ]),
);
