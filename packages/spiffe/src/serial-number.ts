// SPDX-License-Identifier: Apache-2.0

/** A certificate's serial number as logs and the issuance log write it: lower-case hex, whole octets. */
export function serialNumberOf(value: bigint): string {
  const hex = value.toString(16);
  return hex.length % 2 === 0 ? hex : `0${hex}`;
}
