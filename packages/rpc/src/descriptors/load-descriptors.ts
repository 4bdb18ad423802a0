// SPDX-License-Identifier: Apache-2.0
import { loadMessageCodec, type MessageCodec, readProtoFile } from "../proto-files.ts";
import type { FileDescriptor, MessageDescriptor } from "./file-descriptor.ts";
import { parseProto } from "./parse-proto.ts";
import { resolveNames } from "./resolve-names.ts";

let loadedCodec: MessageCodec | undefined;
function codec(): MessageCodec {
  return (loadedCodec ??= loadMessageCodec("google/protobuf/descriptor.proto", "google.protobuf.FileDescriptorProto"));
}

/** A .proto file as reflection shows it. */
export interface DescribedFile {
  /** Path below the proto directory. */
  readonly name: string;
  /** google.protobuf.FileDescriptorProto, encoded. */
  readonly bytes: Buffer;
  readonly descriptor: FileDescriptor;
  /** Files that it imports. */
  readonly imports: readonly DescribedFile[];
  /** Full names of everything that it defines. */
  readonly symbols: readonly string[];
  /** Full names of its messages. */
  readonly messages: readonly string[];
}

/** Describes a file below the proto directory and, by `imports`, all that it needs. Reads files: callers keep the result. */
export function describeFile(name: string, loaded: Map<string, DescribedFile> = new Map()): DescribedFile {
  const known = loaded.get(name);
  if (known !== undefined) return known;
  const descriptor = parseProto(name, readProtoFile(name));
  const imports = descriptor.dependency.map((each) => describeFile(each, loaded));
  resolveNames(
    descriptor,
    imports.map((each) => each.descriptor),
  );
  const described: DescribedFile = {
    name,
    bytes: codec().encode(descriptor),
    descriptor,
    imports,
    symbols: symbolsOf(descriptor),
    messages: descriptor.messageType.flatMap((message) => messageNames(message, scopeOf(descriptor))),
  };
  loaded.set(name, described);
  return described;
}

function symbolsOf(file: FileDescriptor): string[] {
  const scope = scopeOf(file);
  return [
    ...file.messageType.flatMap((message) => messageSymbols(message, scope)),
    ...file.enumType.flatMap(({ name, value }) => [scope + name, ...value.map((each) => scope + each.name)]),
    ...file.service.flatMap(({ name, method }) => [
      scope + name,
      ...method.map((each) => `${scope}${name}.${each.name}`),
    ]),
  ];
}

function scopeOf(file: FileDescriptor): string {
  return file.package === "" ? "" : `${file.package}.`;
}

function messageNames(message: MessageDescriptor, outer: string): string[] {
  const full = outer + message.name;
  return [full, ...message.nestedType.flatMap((nested) => messageNames(nested, `${full}.`))];
}

function messageSymbols(message: MessageDescriptor, outer: string): string[] {
  const full = outer + message.name;
  const scope = `${full}.`;
  return [
    full,
    ...message.field.map(({ name }) => scope + name),
    ...message.oneofDecl.map(({ name }) => scope + name),
    ...message.nestedType.flatMap((nested) => messageSymbols(nested, scope)),
    ...message.enumType.flatMap(({ name, value }) => [scope + name, ...value.map((each) => scope + each.name)]),
  ];
}
