// SPDX-License-Identifier: Apache-2.0

// google.protobuf.FileDescriptorProto and its parts, as far as our files use them; proto-loader's lower camel case.

/** One .proto file. */
export interface FileDescriptor {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly messageType: readonly MessageDescriptor[];
  readonly enumType: readonly EnumDescriptor[];
  readonly service: readonly ServiceDescriptor[];
  readonly syntax: "proto3";
}

/** A message; `options.mapEntry` marks the entry type of a map field. */
export interface MessageDescriptor {
  readonly name: string;
  readonly field: FieldDescriptor[];
  readonly nestedType: MessageDescriptor[];
  readonly enumType: EnumDescriptor[];
  readonly oneofDecl: { readonly name: string }[];
  readonly options?: { readonly mapEntry: boolean };
}

/** A field of a message. */
export interface FieldDescriptor {
  readonly name: string;
  readonly number: number;
  readonly label: "LABEL_OPTIONAL" | "LABEL_REPEATED";
  /** Set when names are resolved. */
  type?: string;
  /** As written; resolved to `.full.Name`; absent for scalars. */
  typeName?: string;
  readonly oneofIndex?: number;
  readonly jsonName: string;
}

/** An enum and its values. */
export interface EnumDescriptor {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number: number }[];
}

/** A method; its types become full names with a leading dot when names are resolved. */
export interface MethodDescriptor {
  readonly name: string;
  inputType: string;
  outputType: string;
  readonly clientStreaming?: boolean;
  readonly serverStreaming?: boolean;
}

/** A service. */
export interface ServiceDescriptor {
  readonly name: string;
  readonly method: readonly MethodDescriptor[];
}
