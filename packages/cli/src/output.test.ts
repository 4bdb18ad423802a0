// SPDX-License-Identifier: Apache-2.0
import { afterEach, describe, expect, it, vi } from "vitest";
import { printJson, printLine, printRecord, printTable, relative, span, timestamp } from "./output.ts";

const written: string[] = [];
const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
  written.push(String(chunk));
  return true;
});

afterEach(() => {
  written.length = 0;
  write.mockClear();
});

describe("relative", () => {
  const now = new Date("2026-01-01T00:00:00Z");
  const at = now.getTime() / 1000;

  it.each([
    [0, "never"],
    [at + 250, "in 4m 10s"],
    [at - 10, "10s ago"],
    [at + 90_061, "in 1d 1h"],
    [at, "in 0s"],
  ])("says %s as %s", (seconds, text) => {
    expect(relative(seconds, now)).toBe(text);
  });
});

describe("timestamp", () => {
  it("is RFC 3339 in UTC", () => {
    expect(timestamp("1767225600")).toBe("2026-01-01T00:00:00Z");
  });

  it("is nothing for 0", () => {
    expect(timestamp("0")).toBeUndefined();
  });
});

describe("span", () => {
  it.each([
    [0, "0s"],
    [59.6, "1m"],
    [3600, "1h"],
    [-5, "0s"],
  ])("says %s seconds as %s", (seconds, text) => {
    expect(span(seconds)).toBe(text);
  });
});

describe("what is printed", () => {
  it("has aligned columns", () => {
    printTable(
      ["ID", "NAME"],
      [
        ["1", "a"],
        ["222", "b"],
      ],
    );
    expect(written.join("")).toBe("ID   NAME\n1    a\n222  b\n");
  });

  it("leaves empty values of a record out", () => {
    printRecord([
      ["One", "1"],
      ["Nothing", ""],
      ["Three", "3"],
    ]);
    expect(written.join("")).toBe("One    1\nThree  3\n");
  });

  it("CFG-D06: has no control bytes from outside, and no colour where stdout is no terminal", () => {
    printTable(["ID"], [["\u001b[31mred"]]);
    printLine(["\u001b]0;title\u0007", "bold"]);
    expect(written.join("")).toBe("ID\n\\x1b[31mred\n\\x1b]0;title\\x07\n");
  });

  it("is one JSON document a line", () => {
    printJson({ serial_number: 2n ** 64n, text: "\u001b\n" });
    expect(written).toEqual(['{"serial_number":"18446744073709551616","text":"\\u001b\\n"}\n']);
  });
});
