// SPDX-License-Identifier: Apache-2.0
import { expectCode } from "@mayfly/testkit";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { readEvents } from "./read-events.ts";

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function all(text: string, size: number): Promise<string[]> {
  const events: string[] = [];
  for await (const event of readEvents(pieces(text, size))) events.push(event);
  return events;
}

it("reads events however the bytes are cut", async () => {
  const text = ': hello\r\nevent: message\r\ndata: {"a":"é"}\r\nid: 1\r\n\r\ndata: one\ndata:two\n\n\ndata: lost';
  for (let size = 1; size < 12; size++) expect(await all(text, size)).toEqual(['{"a":"é"}', "one\ntwo"]);
});

it("gives back the data that was written", async () => {
  const line = fc.string({ unit: "grapheme" }).map((value) => value.replace(/[\r\n]/g, ""));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(line, { minLength: 1, maxLength: 3 })),
      fc.integer({ min: 1, max: 9 }),
      async (events, size) => {
        const text = events.map((lines) => `${lines.map((each) => `data: ${each}\n`).join("")}\n`).join("");
        expect(await all(text, size)).toEqual(events.map((lines) => lines.join("\n")));
      },
    ),
  );
});

it("a stream that is no UTF-8 is refused with a code", async () => {
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from("data: a\xff\n\n", "latin1");
  }
  await expectCode(() => readEvents(broken()).next(), "UPSTREAM_MALFORMED");
});
