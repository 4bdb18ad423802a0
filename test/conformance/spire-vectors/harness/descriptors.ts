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
  readonly nestedType: readonly { readonly name: string; readonly options?: { readonly mapEntry?: boolean } | null }[];
}

interface EnumDescriptor {
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

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

function typeNameOf(loadedType: unknown): string {
  for (const [name, each] of Object.entries(loaded)) {
    if ((each as unknown as LoadedType).type === (loadedType as LoadedType).type) return name;
  }
  throw new Error("a method with an unknown type");
}

/** Descriptor of a message by full name, with or without the leading dot. */
export function messageDescriptor(fullName: string): MessageDescriptor | undefined {
  const found = loaded[fullName.replace(/^\./, "")] as unknown as LoadedType | undefined;
  return found?.format.includes("DescriptorProto") ? (found.type as MessageDescriptor) : undefined;
}

/** Name of the zero value of an enum. */
export function enumZero(fullName: string): string | undefined {
  const found = loaded[fullName.replace(/^\./, "")] as unknown as LoadedType | undefined;
  return (found?.type as EnumDescriptor | undefined)?.value.find((each) => each.number === 0)?.name;
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
    requestType: typeNameOf(requestType),
    responseType: typeNameOf(responseType),
    serialize: definition.requestSerialize as (value: object) => Buffer,
    deserialize: definition.responseDeserialize as (bytes: Buffer) => object,
  };
}
