// SPDX-License-Identifier: Apache-2.0
import type { FileDescriptor, MessageDescriptor } from "./file-descriptor.ts";

const scalars = new Map(
  "double float int64 uint64 int32 fixed64 fixed32 bool string bytes uint32 sfixed32 sfixed64 sint32 sint64"
    .split(" ")
    .map((name) => [name, `TYPE_${name.toUpperCase()}`]),
);

/** What a full name (with leading dot) stands for. */
type Kinds = Map<string, "TYPE_MESSAGE" | "TYPE_ENUM">;

/** Replaces the type names of `file` by full names; `imported` are the files that it imports. */
export function resolveNames(file: FileDescriptor, imported: readonly FileDescriptor[]): void {
  const kinds: Kinds = new Map();
  for (const each of [file, ...imported]) collect(each, scopeOf(each), kinds);
  const scope = scopeOf(file);
  for (const message of file.messageType) resolveMessage(message, scope, kinds);
  for (const method of file.service.flatMap((service) => service.method)) {
    method.inputType = find(method.inputType, scope, kinds).name;
    method.outputType = find(method.outputType, scope, kinds).name;
  }
}

function scopeOf(file: FileDescriptor): string {
  return file.package === "" ? "" : `.${file.package}`;
}

type Types = Pick<FileDescriptor, "messageType" | "enumType">;

function collect(types: Types, scope: string, kinds: Kinds): void {
  for (const { name } of types.enumType) kinds.set(`${scope}.${name}`, "TYPE_ENUM");
  for (const message of types.messageType) {
    kinds.set(`${scope}.${message.name}`, "TYPE_MESSAGE");
    collect({ messageType: message.nestedType, enumType: message.enumType }, `${scope}.${message.name}`, kinds);
  }
}

function resolveMessage(message: MessageDescriptor, outer: string, kinds: Kinds): void {
  const scope = `${outer}.${message.name}`;
  for (const nested of message.nestedType) resolveMessage(nested, scope, kinds);
  for (const field of message.field) {
    const written = field.typeName ?? "";
    const scalar = scalars.get(written);
    if (scalar !== undefined) {
      field.type = scalar;
      delete field.typeName;
    } else {
      const found = find(written, scope, kinds);
      field.type = found.kind;
      field.typeName = found.name;
    }
  }
}

/** Looks for a name from the innermost scope outwards. */
function find(written: string, scope: string, kinds: Kinds): { readonly name: string; readonly kind: string } {
  for (let at = scope; ; at = at.slice(0, at.lastIndexOf("."))) {
    const name = `${at}.${written}`;
    const kind = kinds.get(name);
    if (kind !== undefined) return { name, kind };
    if (at === "") throw new TypeError(`no type ${JSON.stringify(written)} in ${JSON.stringify(scope)}`);
  }
}
