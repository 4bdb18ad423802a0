// SPDX-License-Identifier: Apache-2.0
import {
  Client as GrpcClient,
  Metadata,
  Server,
  type ServerCredentials,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  type ServiceDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { callPeer, channelCredentials, serverCredentials } from "@mayfly/spiffe-client";
import type { Client, Policy, Reply, Transport } from "./transport.ts";

// The standard health service; its messages as octets: an empty request, a response with status SERVING.
const request = Buffer.alloc(0);
const serving = Buffer.of(0x08, 0x01);
const same = (octets: Buffer): Buffer => octets;
const codec = {
  requestSerialize: same,
  requestDeserialize: same,
  responseSerialize: same,
  responseDeserialize: same,
  requestStream: false,
};
const check = { path: "/grpc.health.v1.Health/Check", ...codec, responseStream: false };
const watch = { path: "/grpc.health.v1.Health/Watch", ...codec, responseStream: true };
const health: ServiceDefinition = { Check: check, Watch: watch };

async function serve(policy: Policy): Promise<string> {
  const server = new Server();
  server.addService(health, {
    Check: (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>) => {
      const header = new Metadata();
      header.set("seen", callPeer(call).id.toString());
      call.sendMetadata(header);
      answer(null, serving);
    },
    Watch: (call: ServerWritableStream<Buffer, Buffer>) => void call.write(serving),
  });
  const credentials: ServerCredentials = serverCredentials(policy);
  return await new Promise((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
      if (error !== null) reject(error);
      else resolve(`127.0.0.1:${port}`);
    });
  });
}

function open(address: string, policy: Policy): Client {
  let refusal: unknown;
  const credentials = channelCredentials({ ...policy, onRefused: (error) => (refusal = error) });
  const client = new GrpcClient(address, credentials);
  return {
    request: () =>
      new Promise<Reply>((resolve, reject) => {
        const deadline = Date.now() + 10_000;
        const done = (error: ServiceError | null): void => {
          // The status says UNAVAILABLE; the reason was told to onRefused.
          if (error !== null) reject(refusal ?? error);
        };
        client
          .makeUnaryRequest(check.path, same, same, request, new Metadata(), { deadline }, done)
          .on("metadata", (metadata: Metadata) => resolve({ seen: String(metadata.get("seen")[0]) }));
      }),
    get ended() {
      const stream = client.makeServerStreamRequest(watch.path, same, same, request);
      stream.on("data", () => undefined);
      return new Promise<void>((resolve) => stream.once("error", () => resolve()).once("end", () => resolve()));
    },
    close: () => client.close(),
  };
}

/** grpc-js with the standard health service. */
export const grpc: Transport = { serve, open };
