// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exitCode, printable, usageFailure } from "./failure.ts";

describe("printable", () => {
  it("CFG-D06: makes control bytes, line separators and direction marks visible", () => {
    expect(printable("a\u001b[31mb\u0000\r\n\u009b\u202e\u2028c")).toBe(
      "a\\x1b[31mb\\x00\\x0d\\x0a\\x9b\\u202e\\u2028c",
    );
  });

  it("leaves no control character in any text", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0x2fff)), (points) => {
        expect(printable(String.fromCodePoint(...points))).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
    );
  });
});

describe("usageFailure", () => {
  it("says one problem in its sentence", () => {
    expect(usageFailure("no")).toMatchObject({ message: "no", problems: [], exit: exitCode.usage, code: "USAGE" });
  });

  it("lists several", () => {
    expect(usageFailure(["one", "two"])).toMatchObject({ message: "2 problems", problems: ["one", "two"] });
  });
});
