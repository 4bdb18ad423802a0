// SPDX-License-Identifier: Apache-2.0

/** google.protobuf.Value; `kind` names the field that is set. */
export interface ValueMessage {
  readonly kind?: "nullValue" | "numberValue" | "stringValue" | "boolValue" | "structValue" | "listValue" | undefined;
  readonly nullValue?: "NULL_VALUE" | number | undefined;
  readonly numberValue?: number | undefined;
  readonly stringValue?: string | undefined;
  readonly boolValue?: boolean | undefined;
  readonly structValue?: StructMessage | undefined;
  readonly listValue?: { readonly values: readonly ValueMessage[] } | undefined;
}

/** google.protobuf.Struct: a JSON object. */
export interface StructMessage {
  readonly fields: Readonly<Record<string, ValueMessage>>;
}

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Writes a JSON object as a Struct. */
export function toStruct(json: { readonly [key: string]: Json }): StructMessage {
  return { fields: Object.fromEntries(Object.entries(json).map(([key, value]) => [key, toValue(value)])) };
}

/** Reads a Struct as a JSON object. */
export function fromStruct(struct: StructMessage): { readonly [key: string]: Json } {
  return Object.fromEntries(Object.entries(struct.fields).map(([key, value]) => [key, fromValue(value)]));
}

function toValue(json: Json): ValueMessage {
  switch (typeof json) {
    case "boolean":
      return { boolValue: json };
    case "number":
      return { numberValue: json };
    case "string":
      return { stringValue: json };
    default:
      if (json === null) {
        return { nullValue: "NULL_VALUE" };
      }
      return isList(json) ? { listValue: { values: json.map(toValue) } } : { structValue: toStruct(json) };
  }
}

function fromValue(value: ValueMessage): Json {
  if (value.structValue !== undefined) {
    return fromStruct(value.structValue);
  }
  if (value.listValue !== undefined) {
    return value.listValue.values.map(fromValue);
  }
  return value.stringValue ?? value.numberValue ?? value.boolValue ?? null;
}

function isList(json: readonly Json[] | { readonly [key: string]: Json }): json is readonly Json[] {
  return Array.isArray(json);
}
