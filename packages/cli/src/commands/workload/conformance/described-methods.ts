// SPDX-License-Identifier: Apache-2.0

interface Field {
  readonly number: number;
  /** Empty for a field that is no bytes. */
  readonly bytes: Buffer;
}

/** A base-128 number of up to 5 bytes; undefined when there is none. */
function varint(bytes: Buffer, at: number): { readonly value: number; readonly next: number } | undefined {
  let value = 0;
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return undefined;
    value += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return { value, next: at + index + 1 };
  }
  return undefined;
}

/** Where the value of this wire type ends; undefined for what cannot be. */
function endOf(bytes: Buffer, at: number, wireType: number): number | undefined {
  if (wireType === 0) {
    let end = at;
    while ((bytes[end] ?? 0) >= 0x80) end += 1;
    return end + 1;
  }
  if (wireType === 1) return at + 8;
  return wireType === 5 ? at + 4 : undefined;
}

/** The fields of an encoded protobuf message; undefined when it is none. */
function fieldsOf(bytes: Buffer): Field[] | undefined {
  const fields: Field[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    if (tag === undefined) return undefined;
    const [number, wireType] = [Math.floor(tag.value / 8), tag.value % 8];
    const length = wireType === 2 ? varint(bytes, tag.next) : undefined;
    const from = length?.next ?? tag.next;
    const end = length === undefined ? endOf(bytes, from, wireType) : from + length.value;
    if (end === undefined || end > bytes.length) return undefined;
    fields.push({ number, bytes: length === undefined ? Buffer.alloc(0) : bytes.subarray(from, end) });
    at = end;
  }
  return fields;
}

function text(fields: readonly Field[], number: number): string {
  return fields.find((field) => field.number === number)?.bytes.toString() ?? "";
}

/**
 * Names of the methods of a service that an encoded google.protobuf.FileDescriptorProto describes; undefined when it does not, or is no
 * such message. `service`: full name.
 */
export function methodsIn(file: Buffer, service: string): string[] | undefined {
  const fields = fieldsOf(file);
  if (fields === undefined) return undefined;
  const prefix = text(fields, 2);
  for (const { bytes } of fields.filter(({ number }) => number === 6)) {
    const members = fieldsOf(bytes);
    const name = members === undefined ? "" : text(members, 1);
    if (members === undefined || (prefix === "" ? name : `${prefix}.${name}`) !== service) continue;
    return members.filter(({ number }) => number === 2).map((method) => text(fieldsOf(method.bytes) ?? [], 1));
  }
  return undefined;
}
