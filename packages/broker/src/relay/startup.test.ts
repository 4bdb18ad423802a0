// SPDX-License-Identifier: Apache-2.0
import { Duplex, PassThrough } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LeaseError } from "../errors.ts";
import { ByteReader } from "./byte-reader.ts";
import { sessionSettings } from "./session-settings.ts";
import { readStartup } from "./startup.ts";

/** A connection whose peer sends these pieces and ends. */
function connection(pieces: readonly Uint8Array[]): { stream: Duplex; sent: () => string } {
  const input = new PassThrough();
  for (const piece of pieces) input.write(piece);
  input.end();
  let sent = "";
  const output = new PassThrough().on("data", (chunk: Buffer) => (sent += chunk.toString("latin1")));
  return { stream: Duplex.from({ readable: input, writable: output } as never), sent: () => sent };
}

function packet(version: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.writeUInt32BE(version, 4);
  return Buffer.concat([head, body]);
}

const read = async (
  bytes: Buffer,
  cuts: readonly number[] = [],
): Promise<{ parameters: [string, string][]; minor: number; sent: string }> => {
  const edges = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
  const { stream, sent } = connection(pieces.filter((piece) => piece.length > 0));
  const { parameters, minorVersion } = await readStartup(new ByteReader(stream, 1_000), stream);
  return { parameters: [...parameters], minor: minorVersion, sent: sent() };
};
const good = packet(196_608, Buffer.from("user\0me\0database\0orders\0\0"));

describe("a start-up message", () => {
  it("is read however it arrives", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { maxLength: 6 }), async (cuts) => {
        expect((await read(good, cuts)).parameters).toEqual([
          ["user", "me"],
          ["database", "orders"],
        ]);
      }),
      { numRuns: 40 },
    );
  });

  it("may ask for encryption twice, in vain", async () => {
    const [ssl, gss] = [80_877_103, 80_877_104].map((code) => packet(code, Buffer.alloc(0))) as [Buffer, Buffer];
    expect((await read(Buffer.concat([gss, ssl, good]))).parameters).toHaveLength(2);
    await expect(read(Buffer.concat([ssl, ssl, ssl, good]))).rejects.toHaveProperty("code", "BAD_REQUEST");
  });

  it.each([
    ["a cancel request", packet(80_877_102, Buffer.alloc(8))],
    ["protocol 2", packet(131_072, Buffer.from("\0"))],
    ["a name twice", packet(196_608, Buffer.from("user\0a\0user\0b\0\0"))],
    ["no last NUL", packet(196_608, Buffer.from("user\0a"))],
    ["something after the end", packet(196_608, Buffer.from("user\0a\0\0x"))],
    ["a length that says too little", Buffer.from([0, 0, 0, 4, 0, 3, 0, 0])],
    ["nothing", Buffer.from([0])],
  ])("is refused with %s", async (_what, bytes) => {
    await expect(read(bytes)).rejects.toHaveProperty("code", "BAD_REQUEST");
  });

  it("fails with nothing but BAD_REQUEST, whatever the bytes are", async () => {
    const bodies = fc.uint8Array({ maxLength: 60 });
    const version = fc.constantFrom(196_608, 196_610, 80_877_102, 80_877_103, 0, 0xffff_ffff);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          bodies.map((bytes) => Buffer.from(bytes)),
          fc.tuple(version, bodies).map(([v, b]) => packet(v, b)),
        ),
        async (bytes) => {
          fc.pre(bytes.length > 0);
          const error: unknown = await read(bytes).then(
            () => undefined,
            (reason: unknown) => reason,
          );
          if (error !== undefined) expect(error).toHaveProperty("code", "BAD_REQUEST");
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe("a line", () => {
  it("leaves what follows it to the next reader", async () => {
    const { stream } = connection([Buffer.from("first\nsec"), Buffer.from("ond")]);
    expect(await new ByteReader(stream, 1_000).line(100)).toBe("first");
    expect(String(await new ByteReader(stream, 1_000).bytes(6))).toBe("second");
  });

  it("is refused when it is too long, too slow or never ends", async () => {
    const line = async (stream: Duplex, ms = 1_000): Promise<string> => await new ByteReader(stream, ms).line(10);
    await expect(line(connection([Buffer.from("x".repeat(11))]).stream)).rejects.toHaveProperty("code", "BAD_REQUEST");
    await expect(line(connection([Buffer.from("x")]).stream)).rejects.toHaveProperty("code", "BAD_REQUEST");
    await expect(line(new PassThrough(), 20)).rejects.toHaveProperty("code", "BAD_REQUEST");
  });
});

describe("session settings", () => {
  const of = (parameters: Record<string, string>) =>
    sessionSettings({ minorVersion: 0, parameters: new Map(Object.entries(parameters)) }, ["orders"]);

  it("are the few that a client may choose, by their own names", () => {
    expect(
      of({ user: "me", database: "orders", datestyle: "ISO, MDY", TimeZone: "Etc/UTC", application_name: "x" }),
    ).toEqual({
      DateStyle: "ISO, MDY",
      TimeZone: "Etc/UTC",
    });
    expect(of({ user: "me", database: "me", options: "" })).toEqual({});
  });

  it.each([
    { options: "-c role=x" },
    { role: "x" },
    { session_authorization: "x" },
    { replication: "database" },
    { database: "postgres" },
    { TimeZone: "a\\" },
    { search_path: "x;y" },
  ])("are refused: %j", (parameters) => {
    expect(() => of({ user: "me", ...parameters })).toThrow(LeaseError);
  });
});
