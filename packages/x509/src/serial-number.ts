// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from "node:crypto";

/** 16 random octets for a serial number: top bit clear, next bit set, so it is positive and always of 16 octets (126 random bits). */
export function randomSerialNumber(): Uint8Array {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets;
}
