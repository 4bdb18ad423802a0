// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RegistrationError } from "./errors.ts";
import { parseSelector } from "./parse-selector.ts";
import { formatSelector } from "./selector.ts";

/** Any UTF-16, halves of surrogate pairs included. */
const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.nat(0x7f), fc.nat(0xffff)), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

function codeOf(text: string): string {
  try {
    parseSelector(text);
    return "accepted";
  } catch (error) {
    if (error instanceof RegistrationError) return error.code;
    throw error;
  }
}

describe("parseSelector", () => {
  it("splits at the first colon", () => {
    expect(parseSelector("k8s:pod-label:app:web")).toEqual({ type: "k8s", value: "pod-label:app:web" });
  });

  it.each([
    ["unix", "SELECTOR_NO_COLON"],
    ["", "SELECTOR_NO_COLON"],
    [":uid:0", "SELECTOR_NO_TYPE"],
    ["unix:", "SELECTOR_NO_VALUE"],
    ["unix:uid:0\n", "SELECTOR_BAD_CHARACTER"],
    ["unix:\0", "SELECTOR_BAD_CHARACTER"],
    ["unix:\ud800", "SELECTOR_BAD_CHARACTER"],
    [`unix:${"x".repeat(4096)}`, "SELECTOR_TOO_LONG"],
  ])("REG-D05: refuses %j with %s", (text, code) => {
    expect(codeOf(text)).toBe(code);
  });

  it("REG-D05: takes stars and regular expressions as they are written", () => {
    expect(parseSelector("unix:path:/usr/bin/.*[*]")).toEqual({ type: "unix", value: "path:/usr/bin/.*[*]" });
  });

  it("writes back what it read, and throws nothing but its own error", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          anyText.map((text) => `t:${text}`),
        ),
        (text) => {
          if (codeOf(text) === "accepted") expect(formatSelector(parseSelector(text))).toBe(text);
        },
      ),
    );
  });
});
