// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type grpc, loadSync } from "./grpc.ts";

/** The parts of a field descriptor that JSON needs. */
export interface FieldDescriptor {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
  readonly proto3Optional?: boolean;
  readonly oneofIndex?: number;
}

export interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly MessageDescriptor[];
  readonly enumType: readonly EnumDescriptor[];
  readonly options?: { readonly mapEntry?: boolean } | null;
}

interface EnumDescriptor {
  readonly name: string;
  readonly nestedType?: undefined;
  readonly enumType?: undefined;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

type Definition = MessageDescriptor | EnumDescriptor;

export interface MethodDescriptor {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestType: string;
  readonly responseType: string;
  readonly serialize: (value: object) => Buffer;
  readonly deserialize: (bytes: Buffer) => object;
}

const protoDir = fileURLToPath(new URL("../../../../proto/", import.meta.url));

function protoFiles(): string[] {
  return readdirSync(protoDir, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".proto"));
}

const loaded = loadSync(
  protoFiles().map((file) => join(protoDir, file)),
  { keepCase: true, longs: String, enums: String, includeDirs: [protoDir] },
);

interface LoadedType {
  readonly format: string;
  readonly type: unknown;
}

/** Full name of a method's type: loaded definitions know only the last part, which the service's own package has or nobody else. */
function typeNameOf(loadedType: unknown, service: string): string {
  const short = ((loadedType as LoadedType).type as { name: string }).name;
  // The Workload API has no package.
  const own = [...service.split(".").slice(0, -1), short].join(".");
  if (messageDescriptor(own) !== undefined) return own;
  const found = Object.keys(loaded).filter(
    (name) => name.endsWith(`.${short}`) && messageDescriptor(name) !== undefined,
  );
  const [only, second] = found;
  if (only === undefined || second !== undefined) throw new Error(`${service}: what is ${short}?`);
  return only;
}

/** A definition by full name; nested ones hang in the message around them. */
function lookUp(fullName: string): Definition | undefined {
  const found = loaded[fullName] as unknown as LoadedType | undefined;
  if (found !== undefined) return found.type as Definition | undefined;
  const dot = fullName.lastIndexOf(".");
  if (dot === -1) return undefined;
  const around = lookUp(fullName.slice(0, dot));
  return [...(around?.nestedType ?? []), ...(around?.enumType ?? [])].find(
    ({ name }) => name === fullName.slice(dot + 1),
  );
}

/** Full name of what a field's type says inside the message `scope`, by protobuf's rule: innermost first. */
export function resolveTypeName(typeName: string, scope: string): string {
  if (typeName.startsWith(".")) return typeName.slice(1);
  for (let prefix = scope; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf(".")))) {
    if (lookUp(`${prefix}.${typeName}`) !== undefined) return `${prefix}.${typeName}`;
  }
  return typeName;
}

/** Descriptor of a message by full name. */
export function messageDescriptor(fullName: string): MessageDescriptor | undefined {
  const found = lookUp(fullName);
  return found !== undefined && "field" in found ? found : undefined;
}

/** Name of the zero value of an enum. */
export function enumZero(fullName: string): string | undefined {
  const found = lookUp(fullName);
  return found !== undefined && "value" in found ? found.value.find((each) => each.number === 0)?.name : undefined;
}

/** The method behind a path; undefined when our protos do not have it. */
export function methodDescriptor(path: string): MethodDescriptor | undefined {
  const [, service = "", method = ""] = path.split("/");
  const definition = (loaded[service] as grpc.ServiceDefinition | undefined)?.[method];
  if (definition === undefined) return undefined;
  const { requestType, responseType } = definition as unknown as Record<"requestType" | "responseType", unknown>;
  return {
    path,
    requestStream: definition.requestStream,
    responseStream: definition.responseStream,
    requestType: typeNameOf(requestType, service),
    responseType: typeNameOf(responseType, service),
    serialize: definition.requestSerialize as (value: object) => Buffer,
    deserialize: definition.responseDeserialize as (bytes: Buffer) => object,
  };
}
