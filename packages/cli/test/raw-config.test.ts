// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { type RawConfig, type RawConfigSources, readRawConfig } from "../src/run/raw-config.ts";

const directory = mkdtempSync(join(tmpdir(), "mayfly-raw-config-"));
const file = join(directory, "config.yaml");
afterAll(() => rmSync(directory, { recursive: true }));

const sources: RawConfigSources = {
  options: {},
  variables: { MAYFLY_SERVER_SOCKET: { key: "server_socket", read: (text) => text.trim() } },
  environment: { HOME: "/home/me" },
  uid: 1000,
};

function read(text: string, more: Partial<RawConfigSources> = {}): ReturnType<typeof readRawConfig> {
  writeFileSync(file, text);
  return readRawConfig({ ...sources, file, ...more });
}

function valid(text: string, more: Partial<RawConfigSources> = {}): RawConfig {
  const raw = read(text, more);
  if ("problems" in raw) throw new Error(JSON.stringify(raw.problems));
  return raw;
}

describe("readRawConfig", () => {
  it("takes an option before the environment before the file", () => {
    const text = "server_socket: /file\nbind: 1.2.3.4:1";
    const environment = { MAYFLY_SERVER_SOCKET: " /environment " };
    const options = { server_socket: "/option", bind: undefined };
    expect(valid(text).values).toEqual({ server_socket: "/file", bind: "1.2.3.4:1" });
    expect(valid(text, { environment }).values["server_socket"]).toBe("/environment");
    expect(valid(text, { environment, options }).values).toEqual({ server_socket: "/option", bind: "1.2.3.4:1" });
  });

  it("takes the file from MAYFLY_CONFIG", () => {
    writeFileSync(file, "a: 1");
    expect(readRawConfig({ ...sources, environment: { MAYFLY_CONFIG: file } })).toMatchObject({ values: { a: 1 } });
  });

  it("CFG-D02: knows line and column of a value from the file, not of one from elsewhere", () => {
    const raw = valid("a: 1\nb:\n  - c: 2\n", { options: { a: 2 } });
    expect(raw.position(["b", 0, "c"])).toEqual({ line: 3, column: 8 });
    expect(raw.position(["b", 0, "missing"])).toEqual({ line: 3, column: 5 });
    expect(raw.position(["a"])).toBeUndefined();
  });

  it("puts root's directories in the system, others' in their own", () => {
    expect(valid("", { uid: 0 }).directories).toEqual({ runtime: "/run/mayfly", state: "/var/lib/mayfly" });
    expect(valid("").directories).toEqual({ runtime: "/tmp/mayfly-1000", state: "/home/me/.local/state/mayfly" });
    const environment = { XDG_RUNTIME_DIR: "/run/user/1000", XDG_STATE_HOME: "/state" };
    expect(valid("", { environment }).directories).toEqual({
      runtime: "/run/user/1000/mayfly",
      state: "/state/mayfly",
    });
  });

  it.each([
    ["a key twice", "a: 1\na: 2", { line: 2, column: 1 }],
    ["a list", "- 1", { line: 1, column: 1 }],
    ["no YAML", "a: [", { line: 1 }],
    ["an alias", "a: &x 1\nb: *x", {}],
  ])("refuses a file with %s", (_what, text, place) => {
    expect(read(text)).toMatchObject({ problems: [place] });
  });

  it("refuses a file that is not there, or too large", () => {
    expect(readRawConfig({ ...sources, file: join(directory, "none") })).toMatchObject({
      problems: [{ path: "", problem: expect.stringContaining("ENOENT") as string }],
    });
    expect(read(`a: ${"x".repeat(1024 * 1024)}`)).toHaveProperty("problems");
  });

  it("REG-D08: reads __proto__ as a key like any other, so that the parser refuses it", () => {
    const { values } = valid('{"__proto__": {"admin_ids": ["x"]}}');
    expect(Object.keys(values)).toEqual(["__proto__"]);
    expect(values["admin_ids"]).toBeUndefined();
    expect(Object.keys(Object.prototype)).toEqual([]);
  });

  it("gives values or problems for any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const raw = read(text);
        expect("problems" in raw ? raw.problems.length > 0 : typeof raw.values === "object").toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
