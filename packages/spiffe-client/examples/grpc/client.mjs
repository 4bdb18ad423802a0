// SPDX-License-Identifier: Apache-2.0
// A gRPC call to one server and nobody else.  node client.mjs spiffe://example.org/server
import { promisify } from "node:util";
import { makeGenericClientConstructor } from "@grpc/grpc-js";
import { channelCredentials, exact, X509Source } from "@mayfly/spiffe-client";
import { greeter } from "./greeter.mjs";

const source = await X509Source.open();
const Greeter = makeGenericClientConstructor(greeter, "example.Greeter");
const credentials = channelCredentials({ source, authorize: exact(process.argv[2]) });
const client = new Greeter(`127.0.0.1:${process.env.PORT ?? 8443}`, credentials);
const { text } = await promisify(client.sayHello).call(client, { greeting: "hello" });
console.log(text);
client.close();
await source[Symbol.asyncDispose]();
