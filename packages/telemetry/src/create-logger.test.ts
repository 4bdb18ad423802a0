// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { PassThrough, Writable } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as telemetry from "./index.ts";
import { createLogger, type Logger, silentLogger } from "./index.ts";

/** Any UTF-16, halves of surrogate pairs included. */
const anyText: fc.Arbitrary<string> = fc
  .array(fc.oneof(fc.nat(0x9f), fc.nat(0xffff)), { maxLength: 20 })
  .map((units) => String.fromCharCode(...units));

function captured(format: "text" | "json"): { logger: Logger; lines: () => string[] } {
  const destination = new PassThrough();
  return {
    logger: createLogger({ level: "info", format, destination }),
    lines: () =>
      String(destination.read() ?? "")
        .split("\n")
        .filter((line) => line !== ""),
  };
}

describe("createLogger", () => {
  it("exports what the contract names and no more", () => {
    expect(Object.keys(telemetry).toSorted()).toEqual([
      "createLogger",
      "formatTraceparent",
      "newTraceContext",
      "noSpans",
      "openTracing",
      "parseTraceparent",
      "redact",
      "silentLogger",
    ]);
  });

  it("writes an event as one JSON object with level, time and fields", () => {
    const { logger, lines } = captured("json");
    logger.child({ agent: "a" }).warn("node_banned", { count: 2, none: undefined });
    const [line = ""] = lines();
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>;
    expect(rest).toEqual({ level: "warn", event: "node_banned", agent: "a", count: 2 });
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("writes an event as one line for people", () => {
    const { logger, lines } = captured("text");
    logger.info("started", { address: "127.0.0.1:8081", text: "two words\n\u001b[31m\u009b\u202e" });
    expect(lines()).toEqual([
      expect.stringMatching(
        /^\S+Z INFO {2}started address=127\.0\.0\.1:8081 text="two words\\n\\u001b\[31m\\u009b\\u202e"$/,
      ),
    ]);
  });

  it("applies a new level to the logger, its parents and its children", () => {
    const { logger, lines } = captured("json");
    const child = logger.child({ a: 1 });
    child.debug("unseen");
    logger.level = "debug";
    child.debug("seen");
    child.level = "error";
    logger.warn("unseen");
    expect(lines().map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["seen"]);
    expect(() => {
      logger.level = "loud" as "info";
    }).toThrow(TypeError);
  });

  it("keeps a field that has the name of the line's own apart from it", () => {
    const { logger, lines } = captured("json");
    logger.info("real", { event: "forged", level: "x", time: "y" });
    expect(JSON.parse(lines()[0] ?? "")).toMatchObject({ event: "real", level: "info", event_: "forged", time_: "y" });
  });

  it("never writes what has the name or the looks of a secret", () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = privateKey.export({ type: "pkcs8", format: "pem" });
    const jwt = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
    for (const format of ["text", "json"] as const) {
      const { logger, lines } = captured(format);
      logger.child({ join_token: "hush" }).error("failed", {
        privateKey,
        nested: { list: [{ client_secret: "hush" }] },
        reason: new Error(`could not use ${jwt}`, { cause: new Error(`bad ${pem}`) }),
        csr: new Uint8Array(3),
        payload: new TextEncoder().encode("hush"),
        map: new Map([["password", "hush"]]),
        authority_key_id: "cafe",
      });
      const [line = ""] = lines();
      expect(line).not.toMatch(/hush|eyJ|c2lnbmF0dXJl|BEGIN|104,117/);
      expect(line).toContain("cafe");
      expect(line).toContain("could not use [redacted]");
    }
  });

  it("writes exactly one line and never throws, whatever the fields are", () => {
    const hostile = {
      get trap(): never {
        throw new Error("no");
      },
    };
    fc.assert(
      fc.property(anyText, fc.dictionary(anyText, fc.anything({ withDate: true, maxDepth: 2 })), (event, fields) => {
        for (const format of ["text", "json"] as const) {
          const { logger, lines } = captured(format);
          logger.error(event, { ...fields, hostile: [hostile] });
          expect(lines()).toHaveLength(1);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("stops at cycles and long values", () => {
    const { logger, lines } = captured("json");
    const loop: Record<string, unknown> = { long: "x".repeat(1e6), many: Array.from({ length: 1e4 }, () => "item") };
    loop["self"] = loop;
    logger.info("big", loop);
    expect((lines()[0] ?? "").length).toBeLessThan(30_000);
  });

  it("survives a destination that fails", () => {
    const destination = new Writable({ write: (_chunk, _encoding, done) => done(new Error("disk full")) });
    const logger = createLogger({ level: "info", format: "text", destination });
    expect(() => {
      logger.info("a");
      logger.info("b");
    }).not.toThrow();
  });

  it("can be silent", () => {
    expect(() => silentLogger.child({ a: 1 }).error("x")).not.toThrow();
  });
});
