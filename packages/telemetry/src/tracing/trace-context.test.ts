// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTraceparent, newTraceContext, parseTraceparent } from "./trace-context.ts";

describe("a traceparent", () => {
  it("is read as it was written", () => {
    const context = newTraceContext();
    expect(parseTraceparent(formatTraceparent(context))).toEqual(context);
  });

  it("gives a child the trace of its parent and a span of its own", () => {
    const parent = newTraceContext();
    const child = newTraceContext(parent);
    expect(child.traceId).toBe(parent.traceId);
    expect(child.spanId).not.toBe(parent.spanId);
  });

  it.each([
    ["none", undefined],
    ["a list of two", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]],
    ["another version", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
    ["a trace of zeros", `00-${"0".repeat(32)}-b7ad6b7169203331-01`],
    ["a span of zeros", `00-0af7651916cd43dd8448eb211c80319c-${"0".repeat(16)}-01`],
    ["capitals", "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01"],
    ["more behind it", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x"],
    ["a line end", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\n"],
  ])("is none when it is %s", (_name, value) => {
    expect(parseTraceparent(value)).toBeUndefined();
  });

  it("never throws", () => {
    fc.assert(fc.property(fc.anything(), (value) => parseTraceparent(value) === undefined));
  });
});
