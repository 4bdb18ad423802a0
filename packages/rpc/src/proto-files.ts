// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type * as protoLoader from "@grpc/proto-loader";
import type { MessageTypeDefinition, PackageDefinition } from "@grpc/proto-loader";

// Received messages have every scalar, list and map; absent submessages are null; absent oneof fields are missing.
const conversion = { keepCase: true, longs: String, enums: String, defaults: true, oneofs: true } as const;

const wellKnown = "google/protobuf/";

/** The library, when a file is first needed: a client of the Workload API needs none for its first SVID, and starts without. */
function loader(): typeof protoLoader {
  return createRequire(import.meta.url)("@grpc/proto-loader") as typeof protoLoader;
}

const loaded = new Map<string, PackageDefinition>();

/** One .proto file by its path below the proto directory. A few milliseconds the first time; then the same for all its services. */
export function loadProtoFile(file: string): PackageDefinition {
  const known = loaded.get(file) ?? readDefinitions(file);
  loaded.set(file, known);
  return known;
}

function readDefinitions(file: string): PackageDefinition {
  // The well-known types are built into the library, which then looks for no file.
  return loader().loadSync(
    file,
    file.startsWith(wellKnown) ? conversion : { ...conversion, includeDirs: [protoDirectory()] },
  );
}

/** The text of one .proto file by its path below the proto directory. */
export function readProtoFile(file: string): string {
  return readFileSync(join(protoDirectory(), file), "utf8");
}

/** Encodes and decodes one message type. */
export interface MessageCodec {
  encode(message: object): Buffer;
  decode(bytes: Uint8Array): object;
}

/** The codec of one message of one file, by its full name. @throws TypeError when the file has no such message */
export function loadMessageCodec(file: string, name: string): MessageCodec {
  const definition = loadProtoFile(file)[name];
  if (definition === undefined || !isMessage(definition)) {
    throw new TypeError(`${file} has no message ${JSON.stringify(name)}`);
  }
  return {
    encode: (message) => definition.serialize(message),
    decode: (bytes) => definition.deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)),
  };
}

/** The .proto files: in `dist` of a built package, at the top of the repository in a checkout. */
function protoDirectory(): string {
  const built = new URL("./proto/", import.meta.url);
  return fileURLToPath(existsSync(built) ? built : new URL("../../../proto/", import.meta.url));
}

function isMessage(definition: PackageDefinition[string]): definition is MessageTypeDefinition<object, object> {
  return definition["format"] === "Protocol Buffer 3 DescriptorProto";
}
