// SPDX-License-Identifier: Apache-2.0
import type {
  EnumDescriptor,
  FieldDescriptor,
  FileDescriptor,
  MessageDescriptor,
  MethodDescriptor,
  ServiceDescriptor,
} from "./file-descriptor.ts";
import { Tokens } from "./tokens.ts";

/** Reads a .proto file of the kind that we write: proto3 without options. Type names stay as written. */
export function parseProto(name: string, source: string): FileDescriptor {
  const tokens = new Tokens(name, source);
  const file = { package: "", dependency: [] as string[] };
  const messageType: MessageDescriptor[] = [];
  const enumType: EnumDescriptor[] = [];
  const service: ServiceDescriptor[] = [];
  while (!tokens.done) {
    const word = tokens.take();
    if (word === "message") messageType.push(message(tokens));
    else if (word === "enum") enumType.push(enumeration(tokens));
    else if (word === "service") service.push(serviceOf(tokens));
    else header(tokens, word, file);
  }
  return { name, ...file, messageType, enumType, service, syntax: "proto3" };
}

function header(tokens: Tokens, word: string, file: { package: string; dependency: string[] }): void {
  if (word === "package") {
    file.package = tokens.take();
  } else if (word === "import") {
    file.dependency.push(tokens.take());
  } else if (word === "syntax") {
    tokens.expect("=");
    tokens.expect("proto3");
  } else {
    throw new SyntaxError(`unexpected ${JSON.stringify(word)}`);
  }
  tokens.expect(";");
}

function message(tokens: Tokens): MessageDescriptor {
  const built: MessageDescriptor = { name: tokens.take(), field: [], nestedType: [], enumType: [], oneofDecl: [] };
  tokens.expect("{");
  while (!tokens.takeIf("}")) {
    if (tokens.takeIf("message")) built.nestedType.push(message(tokens));
    else if (tokens.takeIf("enum")) built.enumType.push(enumeration(tokens));
    else if (tokens.takeIf("oneof")) oneof(tokens, built);
    else if (tokens.takeIf("map")) map(tokens, built);
    else built.field.push(field(tokens, undefined));
  }
  return built;
}

function oneof(tokens: Tokens, built: MessageDescriptor): void {
  const index = built.oneofDecl.push({ name: tokens.take() }) - 1;
  tokens.expect("{");
  while (!tokens.takeIf("}")) built.field.push(field(tokens, index));
}

function field(tokens: Tokens, oneofIndex: number | undefined): FieldDescriptor {
  const label = tokens.takeIf("repeated") ? "LABEL_REPEATED" : "LABEL_OPTIONAL";
  const typeName = tokens.take();
  const name = tokens.take();
  const number = fieldNumber(tokens);
  return { ...named(name, number), label, typeName, ...(oneofIndex === undefined ? {} : { oneofIndex }) };
}

/** A map is a repeated message of key and value. */
function map(tokens: Tokens, built: MessageDescriptor): void {
  tokens.expect("<");
  const key = tokens.take();
  tokens.expect(",");
  const value = tokens.take();
  tokens.expect(">");
  const name = tokens.take();
  const number = fieldNumber(tokens);
  const camel = jsonName(name);
  const entry = `${camel.charAt(0).toUpperCase()}${camel.slice(1)}Entry`;
  built.nestedType.push({
    name: entry,
    field: [
      { ...named("key", 1), label: "LABEL_OPTIONAL", typeName: key },
      { ...named("value", 2), label: "LABEL_OPTIONAL", typeName: value },
    ],
    nestedType: [],
    enumType: [],
    oneofDecl: [],
    options: { mapEntry: true },
  });
  built.field.push({ ...named(name, number), label: "LABEL_REPEATED", typeName: entry });
}

function named(name: string, number: number): Pick<FieldDescriptor, "name" | "number" | "jsonName"> {
  return { name, number, jsonName: jsonName(name) };
}

function fieldNumber(tokens: Tokens): number {
  tokens.expect("=");
  const number = tokens.number();
  tokens.expect(";");
  return number;
}

function jsonName(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

function enumeration(tokens: Tokens): EnumDescriptor {
  const name = tokens.take();
  const value: { name: string; number: number }[] = [];
  tokens.expect("{");
  while (!tokens.takeIf("}")) value.push({ name: tokens.take(), number: fieldNumber(tokens) });
  return { name, value };
}

function serviceOf(tokens: Tokens): ServiceDescriptor {
  const name = tokens.take();
  const method: MethodDescriptor[] = [];
  tokens.expect("{");
  while (!tokens.takeIf("}")) method.push(methodOf(tokens));
  return { name, method };
}

function methodOf(tokens: Tokens): MethodDescriptor {
  tokens.expect("rpc");
  const name = tokens.take();
  const input = methodType(tokens);
  tokens.expect("returns");
  const output = methodType(tokens);
  tokens.expect(";");
  return {
    name,
    inputType: input.name,
    outputType: output.name,
    ...(input.stream ? { clientStreaming: true } : {}),
    ...(output.stream ? { serverStreaming: true } : {}),
  };
}

function methodType(tokens: Tokens): { readonly name: string; readonly stream: boolean } {
  tokens.expect("(");
  const stream = tokens.takeIf("stream");
  const name = tokens.take();
  tokens.expect(")");
  return { name, stream };
}
