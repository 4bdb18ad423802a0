// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

// Received messages have every scalar, list and map; absent submessages are null; absent oneof fields are missing.
const conversion = { longs: String, enums: String, defaults: true, oneofs: true } as const;

/** Everything that was loaded: a file that many import is read once. */
let root: protobuf.Root | undefined;

/** The .proto files up to now and `file`, by its path below the proto directory; a few milliseconds the first time. */
function load(file: string): protobuf.Root {
  root ??= emptyRoot();
  root.loadSync(file, { keepCase: true });
  root.resolveAll();
  return root;
}

function emptyRoot(): protobuf.Root {
  const made = new protobuf.Root();
  const directory = protoDirectory();
  // The library never asks for the well-known types that are built into it.
  made.resolvePath = (_origin, target) => join(directory, target);
  return made;
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
  const found = load(file).lookup(name, [protobuf.Type]);
  if (found instanceof protobuf.Type) return codecOf(found);
  throw new TypeError(`${file} has no message ${JSON.stringify(name)}`);
}

/** The codec of google.protobuf.FileDescriptorProto, with field names in lower camel case. */
export function loadDescriptorCodec(): MessageCodec {
  const file: unknown = createRequire(import.meta.url)("protobufjs/google/protobuf/descriptor.json");
  return codecOf(protobuf.Root.fromJSON(file as protobuf.INamespace).lookupType("google.protobuf.FileDescriptorProto"));
}

/** The codecs of one method. */
export interface MethodCodecs {
  readonly request: MessageCodec;
  readonly response: MessageCodec;
}

/** The codecs of a method by the full name of its service and its own. @throws TypeError when the file has no such method */
export function loadMethodCodecs(file: string, service: string, name: string): MethodCodecs {
  const found = load(file).lookup(service, [protobuf.Service]);
  const method = found instanceof protobuf.Service ? found.methods[name] : undefined;
  const request = method?.resolvedRequestType;
  const response = method?.resolvedResponseType;
  if (!method || !request || !response) throw new TypeError(`${file} has no method ${service}/${name}`);
  return { request: codecOf(request), response: codecOf(response) };
}

function codecOf(type: protobuf.Type): MessageCodec {
  return {
    // In Node the library writes into Buffers and reads from them.
    encode: (message) => type.encode(type.fromObject(message)).finish() as Buffer,
    decode: (bytes) =>
      type.toObject(type.decode(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)), conversion),
  };
}

/** The .proto files: in `dist` of a built package, at the top of the repository in a checkout. */
function protoDirectory(): string {
  const built = new URL("./proto/", import.meta.url);
  return fileURLToPath(existsSync(built) ? built : new URL("../../../proto/", import.meta.url));
}
