// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { methodsIn } from "./described-methods.ts";

function field(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
}

function service(name: string, methods: readonly string[]): Buffer {
  const described = methods.map((method) => field(2, field(1, Buffer.from(method))));
  return field(6, Buffer.concat([field(1, Buffer.from(name)), ...described]));
}

const numbers = Buffer.from([0x50, 0x96, 0x01, 0x55, 1, 2, 3, 4, 0x59, 1, 2, 3, 4, 5, 6, 7, 8]);

describe("methods of a described service", () => {
  it("are read by its full name, over fields of any kind", () => {
    const file = Buffer.concat([numbers, service("Other", ["C"]), service("S", ["A", "B"])]);
    expect(methodsIn(file, "S")).toEqual(["A", "B"]);
    expect(methodsIn(Buffer.concat([field(2, Buffer.from("p")), file]), "p.S")).toEqual(["A", "B"]);
    expect(methodsIn(Buffer.concat([field(2, Buffer.from("p")), file]), "S")).toBeUndefined();
  });

  it("are undefined for what is cut off or no message", () => {
    const file = service("S", ["A"]);
    expect(methodsIn(file.subarray(0, -1), "S")).toBeUndefined();
    expect(methodsIn(Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), "S")).toBeUndefined();
  });

  it("never throw, whatever the bytes are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        methodsIn(Buffer.from(bytes), "S");
        methodsIn(Buffer.concat([service("S", ["A"]), Buffer.from(bytes)]), "S");
      }),
    );
  });
});
