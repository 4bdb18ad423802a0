// SPDX-License-Identifier: Apache-2.0
import {
  enumZero,
  type FieldDescriptor,
  type MessageDescriptor,
  messageDescriptor,
  resolveTypeName,
} from "./descriptors.ts";
import type { Json } from "./scenario.ts";

type Plain = Record<string, unknown>;

const repeated = "LABEL_REPEATED";
const wrapper = /^\.?google\.protobuf\.(?:Bool|String|Bytes|U?Int(?:32|64)|Double|Float)Value$/;
const struct = /^\.?google\.protobuf\.Struct$/;

function jsonName(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** The descriptor with the types of its fields written in full. */
function resolveDescriptor(typeName: string): MessageDescriptor {
  const descriptor = messageDescriptor(typeName);
  if (descriptor === undefined) throw new Error(`unknown message ${typeName}`);
  const field = descriptor.field.map((each) => ({ ...each, typeName: resolveTypeName(each.typeName, typeName) }));
  return { ...descriptor, field };
}

function mapEntry(owner: MessageDescriptor, field: FieldDescriptor): MessageDescriptor | undefined {
  if (field.type !== "TYPE_MESSAGE" || field.label !== repeated) return undefined;
  const nested = owner.nestedType.find((each) => field.typeName.endsWith(`.${each.name}`) && each.options?.mapEntry);
  return nested;
}

/** A request in proto3 JSON as the plain object that the encoder takes. Unknown names are an error. */
export function fromJson(json: Json, typeName: string): Plain {
  const descriptor = resolveDescriptor(typeName);
  const fields = new Map(descriptor.field.map((field) => [jsonName(field.name), field]));
  return Object.fromEntries(
    Object.entries((json ?? {}) as Record<string, Json>).map(([key, value]) => {
      const field = fields.get(key);
      if (field === undefined) throw new Error(`${typeName} has no ${key}`);
      const list = field.label === repeated;
      return [field.name, list ? (value as Json[]).map((item) => scalarFrom(item, field)) : scalarFrom(value, field)];
    }),
  );
}

function scalarFrom(value: Json, field: FieldDescriptor): unknown {
  if (field.type === "TYPE_BYTES") return Buffer.from(value as string, "base64");
  if (field.type !== "TYPE_MESSAGE") return value;
  return wrapper.test(field.typeName) ? { value } : fromJson(value, field.typeName);
}

function structValue(value: Plain): Json {
  if (value["struct_value"] ?? value["structValue"])
    return structJson((value["struct_value"] ?? value["structValue"]) as Plain);
  const list = (value["list_value"] ?? value["listValue"]) as { values?: Plain[] } | undefined;
  if (list) return (list.values ?? []).map(structValue);
  const scalar = ["string_value", "number_value", "bool_value", "stringValue", "numberValue", "boolValue"].find(
    (key) => value[key] !== undefined,
  );
  return scalar === undefined ? null : (value[scalar] as Json);
}

function structJson(message: Plain): Json {
  const fields = (message["fields"] ?? {}) as Record<string, Plain>;
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, structValue(value)]));
}

function isDefault(value: unknown, field: FieldDescriptor): boolean {
  if (value === undefined || value === null) return true;
  if (field.type === "TYPE_MESSAGE" || field.proto3Optional === true) return false;
  if (field.type === "TYPE_ENUM") return value === 0 || value === enumZero(field.typeName);
  if (value instanceof Uint8Array) return value.length === 0;
  return value === "" || value === 0 || value === "0" || value === false;
}

function scalarTo(value: unknown, field: FieldDescriptor): Json {
  if (field.type === "TYPE_BYTES") return Buffer.from(value as Uint8Array).toString("base64");
  if (field.type !== "TYPE_MESSAGE") return value as Json;
  if (wrapper.test(field.typeName)) return (value as Plain)["value"] as Json;
  return struct.test(field.typeName) ? structJson(value as Plain) : toJson(value as Plain, field.typeName);
}

/** A decoded message in proto3 JSON: default values absent, bytes in base64. */
export function toJson(message: Plain, typeName: string): Json {
  const descriptor = resolveDescriptor(typeName);
  const out: Record<string, Json> = {};
  for (const field of descriptor.field) {
    const value = message[field.name];
    const entry = mapEntry(descriptor, field);
    if (entry !== undefined) {
      const valueField = entry.field.find((each) => each.name === "value");
      const pairs = Object.entries((value ?? {}) as Plain);
      if (pairs.length > 0 && valueField) {
        out[jsonName(field.name)] = Object.fromEntries(pairs.map(([key, item]) => [key, scalarTo(item, valueField)]));
      }
    } else if (field.label === repeated) {
      const list = (value ?? []) as unknown[];
      if (list.length > 0) out[jsonName(field.name)] = list.map((item) => scalarTo(item, field));
    } else if (!isDefault(value, field)) {
      out[jsonName(field.name)] = scalarTo(value, field);
    }
  }
  return out;
}
