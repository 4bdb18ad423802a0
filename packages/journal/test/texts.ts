// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";

/** Well-formed text of all kinds of characters, short. */
export function anyText(maxLength = 8): fc.Arbitrary<string> {
  return fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength })
    .map((units) => String.fromCharCode(...units).toWellFormed());
}
