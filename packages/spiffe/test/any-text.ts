// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";

/** Any UTF-16, lone surrogates too, often ASCII. (fast-check's own unit "binary" takes a second to build.) */
export const anyText: fc.Arbitrary<string> = fc.string({
  unit: fc.oneof(fc.nat(0x7f), fc.nat(0xffff)).map((code) => String.fromCharCode(code)),
});
