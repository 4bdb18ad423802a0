// SPDX-License-Identifier: Apache-2.0
// The contract of both ends, by hand and with JSON; yours comes from @grpc/proto-loader or a generator.
const write = (message) => Buffer.from(JSON.stringify(message));
const read = (bytes) => JSON.parse(bytes.toString());

export const greeter = {
  sayHello: {
    path: "/example.Greeter/SayHello",
    requestStream: false,
    responseStream: false,
    requestSerialize: write,
    requestDeserialize: read,
    responseSerialize: write,
    responseDeserialize: read,
  },
};
