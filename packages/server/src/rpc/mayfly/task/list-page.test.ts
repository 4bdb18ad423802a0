// SPDX-License-Identifier: Apache-2.0
import { reasonOf, StatusError } from "@mayfly/rpc";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutPage, fitting, type ItemForm, pageOf, parseListPage } from "./list-page.ts";

interface Item {
  readonly id: string;
  readonly text: string;
  readonly isHidden: boolean;
}

const form: ItemForm<Item, Pick<Item, "text">> = {
  token: ({ id }) => id,
  message: ({ text, isHidden }) => (isHidden ? undefined : { text }),
};
const items = (sizes: readonly number[]): Item[] =>
  sizes.map((size, n) => ({ id: `i-${String(n)}`, text: "x".repeat(size), isHidden: false }));

/** All pages of a list, as a client reads them. */
function allPages(all: readonly Item[], size: number): readonly (readonly Pick<Item, "text">[])[] {
  const pages = [];
  for (let token = ""; ; ) {
    const { messages, next } = pageOf(all, parseListPage({ page_size: size, page_token: token }), form);
    pages.push(messages);
    if (next === "") return pages;
    token = next;
  }
}

describe("a page of a list", () => {
  it("has 100 items where no size is asked for, and 1,000 at most", () => {
    expect(parseListPage({ page_size: 0, page_token: "" })).toEqual({ limit: 100 });
    expect(parseListPage({ page_size: -1, page_token: "a" })).toEqual({ limit: 100, after: "a" });
    expect(parseListPage({ page_size: 5, page_token: "" })).toEqual({ limit: 5 });
    expect(parseListPage({ page_size: 2 ** 31 - 1, page_token: "" })).toEqual({ limit: 1000 });
  });

  it("ends where it would grow too large for a message, and the next one goes on there", () => {
    const pages = allPages(items([400_000, 400_000, 400_000, 2_000_000, 1]), 100);
    expect(pages.map((page) => page.map(({ text }) => text.length))).toEqual([
      [400_000, 400_000],
      [400_000],
      [2_000_000],
      [1],
    ]);
  });

  it("tells nothing of what is not for the caller, and goes on behind it", () => {
    const all = items([1, 1, 1]).map((item, n) => ({ ...item, isHidden: n === 1 }));
    expect(cutPage(all, 2, form)).toEqual({ messages: [{ text: "x" }], next: "i-1" });
    expect(allPages(all, 2)).toEqual([[{ text: "x" }], [{ text: "x" }]]);
  });

  it("of what an answer has beside others is as much as fits", () => {
    const texts = items([600_000, 400_000, 400_000]).map(({ text }) => text);
    expect(fitting(texts).map((text) => text.length)).toEqual([600_000, 400_000]);
    expect(fitting([])).toEqual([]);
  });

  it("is refused with a token that names nothing: what comes after it would be left out", () => {
    expect.assertions(2);
    try {
      pageOf(items([1]), { limit: 1, after: "i-9" }, form);
    } catch (error) {
      expect(error).toBeInstanceOf(StatusError);
      expect(error instanceof StatusError && reasonOf(error)?.code).toBe("PAGE_TOKEN_UNKNOWN");
    }
  });

  it("together with the others has every item once, in order", () => {
    const sizes = fc.array(fc.nat({ max: 600_000 }), { maxLength: 12 });
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5 }), (each, size) => {
        const all = items(each);
        const pages = allPages(all, size);
        expect(pages.flat().map(({ text }) => text.length)).toEqual(each);
        expect(pages.every((page) => page.length <= size)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
