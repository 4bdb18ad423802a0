// SPDX-License-Identifier: Apache-2.0
import type { EntryFilter, MatchBehavior, RegistrationEntry } from "@mayfly/registration";
import {
  type Arbitrary,
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  record,
  sample,
  subarray,
  uniqueArray,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { newBundle, newEntry, now, selector } from "./samples.ts";
import type { OpenStores } from "./stores.ts";

const matches: readonly MatchBehavior[] = ["exact", "subset", "superset", "any"];
const trustDomains = ["a.test", "b.test", "c.test"];
const selectorTexts = ["unix:uid:1", "unix:uid:2", "unix:gid:1", "docker:uid:1"];

function fits(match: MatchBehavior, own: readonly string[], asked: readonly string[]): boolean {
  const hasAll = asked.every((member) => own.includes(member));
  const hasNoOther = own.every((member) => asked.includes(member));
  const byMatch = {
    exact: hasAll && hasNoOther,
    // Whoever has none is not found by its subset: there is nothing to match.
    subset: own.length > 0 && hasNoOther,
    superset: hasAll,
    any: asked.some((member) => own.includes(member)),
  };
  return byMatch[match];
}

function selects(filter: EntryFilter, entry: RegistrationEntry): boolean {
  const { selectors, federatesWith } = filter;
  const text = ({ type, value }: { type: string; value: string }): string => `${type}:${value}`;
  return (
    (filter.spiffeId === undefined || filter.spiffeId === entry.spiffeId) &&
    (filter.parentId === undefined || filter.parentId === entry.parentId) &&
    (filter.hint === undefined || filter.hint === entry.hint) &&
    (filter.downstream === undefined || filter.downstream === entry.downstream) &&
    (selectors === undefined || fits(selectors.match, entry.selectors.map(text), selectors.selectors.map(text))) &&
    (federatesWith === undefined || fits(federatesWith.match, entry.federatesWith, federatesWith.trustDomains))
  );
}

const ids = constantFrom("spiffe://example.org/x", "spiffe://example.org/y", "spiffe://example.org/X");
const match = constantFrom(...matches);
const hint = constantFrom("", "h", "H");

const anyFilter: Arbitrary<EntryFilter> = record(
  {
    spiffeId: ids,
    parentId: ids,
    hint,
    downstream: boolean(),
    selectors: record({
      match,
      selectors: array(constantFrom(...selectorTexts).map(selector), { minLength: 1, maxLength: 4 }),
    }),
    federatesWith: record({
      match,
      trustDomains: array(constantFrom(...trustDomains), { minLength: 1, maxLength: 4 }),
    }),
  },
  { requiredKeys: [] },
);

const anyEntry = record({
  spiffeId: ids,
  parentId: ids,
  hint,
  downstream: boolean(),
  selectors: uniqueArray(constantFrom(...selectorTexts), { minLength: 1 }).map((texts) => texts.map(selector)),
  federatesWith: subarray(trustDomains),
});

/** What every EntryStore finds: filters against their definition, and pages. */
export function entryFilterContract(open: OpenStores): void {
  describe("entry store, filters and pages", () => {
    it("finds and counts what the definition of the filter selects, in order of creation", async () => {
      await using stores = await open();
      for (const trustDomain of trustDomains) await stores.bundles.create(newBundle(trustDomain));
      for (const fields of sample(anyEntry, 150)) await stores.entries.create(newEntry(fields), now);
      const { items: everything } = await stores.entries.list({}, { pageSize: 0 });
      const property = asyncProperty(anyFilter, async (filter) => {
        const expected = everything.filter((entry) => selects(filter, entry)).map(({ id }) => id);
        const { items } = await stores.entries.list(filter, { pageSize: 0 });
        expect(items.map(({ id }) => id)).toEqual(expected);
        expect(await stores.entries.count(filter)).toBe(expected.length);
      });
      await assert(property, { numRuns: 300 });
    });

    it("pages through without a repetition while entries come and go", async () => {
      await using stores = await open();
      const created = Array.from({ length: 25 }, () => newEntry());
      for (const entry of created) await stores.entries.create(entry, now);
      const seen: string[] = [];
      let after: number | undefined;
      do {
        const page = await stores.entries.list({}, { pageSize: 10, after });
        expect(page.items.length).toBeLessThanOrEqual(10);
        seen.push(...page.items.map(({ id }) => id));
        after = page.last;
        const last = seen.at(-1);
        if (last !== undefined) await stores.entries.delete(last);
      } while (after !== undefined);
      expect(seen).toEqual(created.map(({ id }) => id));
    });

    it("does not use a row twice, so that a page token stays good", async () => {
      await using stores = await open();
      const [first, second, third] = [newEntry(), newEntry(), newEntry()];
      await stores.entries.create(first, now);
      await stores.entries.create(second, now);
      const page = await stores.entries.list({}, { pageSize: 2 });
      await stores.entries.delete(second.id);
      await stores.entries.create(third, now);
      const next = await stores.entries.list({}, { pageSize: 2, after: page.last });
      expect(next.items.map(({ id }) => id)).toEqual([third.id]);
    });
  });
}
