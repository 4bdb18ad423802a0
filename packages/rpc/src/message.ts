// SPDX-License-Identifier: Apache-2.0

/**
 * What a sender may give for a received message type `T`: every field can be left out at every depth, and bytes may be any
 * `Uint8Array`. Left-out and `undefined` fields are not written. Maps and lists are sent as given.
 */
export type Sent<T> = T extends Uint8Array
  ? Uint8Array
  : T extends readonly (infer Item)[]
    ? readonly Sent<Item>[]
    : T extends object
      ? string extends keyof T
        ? { readonly [K in keyof T]: Sent<T[K]> }
        : { readonly [K in keyof T]?: Sent<T[K]> | undefined }
      : T;

/** An enum field: the name of the value, or the number as received when the contract does not know it. */
export type EnumValue<Name extends string> = Name | number;

/** A 64-bit integer in decimal. */
export type Int64 = string;

/** google.protobuf.Empty. */
export type Empty = object;

/** google.protobuf.BoolValue: null on the field = not asked. */
export interface BoolValue {
  readonly value: boolean;
}

/** google.protobuf.StringValue: null on the field = not asked. */
export interface StringValue {
  readonly value: string;
}
