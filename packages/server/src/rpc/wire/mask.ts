// SPDX-License-Identifier: Apache-2.0

/** An output or input mask as it arrives: absent = everything. */
export type Mask<M> = M | null | undefined;

/** Leaves `key` and the fields that the mask names; a field left out takes its default on the wire. */
export function applyMask<T extends object, M extends object>(message: T, mask: Mask<M>, key: keyof T): Partial<T> {
  if (mask === null || mask === undefined) return message;
  const wanted = mask as Readonly<Record<string, unknown>>;
  return Object.fromEntries(
    Object.entries(message).filter(([field]) => field === key || wanted[field] === true),
  ) as Partial<T>;
}

/** Whether an input mask covers `field`. */
export function isMasked<M extends object>(mask: Mask<M>, field: keyof M): boolean {
  return mask === null || mask === undefined || mask[field] === true;
}
