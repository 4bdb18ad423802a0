// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  agentsConcerned,
  authorizedSet,
  EntryIndex,
  isNodeAlias,
  NodeIndex,
  type RegistrationEntry,
} from "../src/index.ts";
import { naiveAuthorized } from "./naive.ts";
import { anyChange, anyEntry, anyNode, type Change, entry, node, server, td } from "./worlds.ts";

const agent: string = `${td}/spire/agent/a`;

function idsOf(entries: Iterable<RegistrationEntry>, of = node({ id: agent })): string[] {
  return [...authorizedSet(new EntryIndex(entries), of).keys()].toSorted();
}

function apply(index: EntryIndex, model: Map<string, RegistrationEntry>, change: Change): void {
  if ("write" in change) {
    expect(index.set(change.write)).toBe(model.get(change.write.id));
    model.set(change.write.id, change.write);
  } else {
    expect(index.delete(change.remove)).toBe(model.get(change.remove));
    model.delete(change.remove);
  }
}

describe("authorizedSet", () => {
  it("equals the naive closure after any sequence of changes", () => {
    let nonEmpty = 0;
    fc.assert(
      fc.property(fc.array(anyChange, { minLength: 5, maxLength: 40, size: "max" }), anyNode, (changes, of) => {
        const index = new EntryIndex();
        const model = new Map<string, RegistrationEntry>();
        for (const change of changes) apply(index, model, change);
        const set = authorizedSet(index, of);
        expect(set).toEqual(naiveAuthorized([...model.values()], of));
        expect([...index].length).toBe(index.size);
        if (set.size > 0) nonEmpty += 1;
      }),
      { numRuns: 500 },
    );
    expect(nonEmpty).toBeGreaterThan(80);
  });

  it("holds descendants, and no aliases", () => {
    const entries = [
      entry({ id: "child" }),
      entry({ id: "grandchild", parentId: `${td}/child` }),
      entry({ id: "alias", parentId: server, spiffeId: `${td}/pool`, selectors: [{ type: "x509pop", value: "ca:1" }] }),
      entry({ id: "pooled", parentId: `${td}/pool` }),
    ];
    expect(idsOf(entries)).toEqual(["child", "grandchild"]);
    const member = node({
      id: agent,
      selectors: [
        { type: "x509pop", value: "ca:1" },
        { type: "x509pop", value: "cn:n" },
      ],
    });
    expect(idsOf(entries, member)).toEqual(["child", "grandchild", "pooled"]);
  });

  it("REG-D07: an alias that demands nothing matches no node", () => {
    const entries = [
      entry({ id: "alias", parentId: server, spiffeId: `${td}/pool`, selectors: [] }),
      entry({ id: "pooled", parentId: `${td}/pool` }),
    ];
    expect(idsOf(entries)).toEqual([]);
  });

  it("REG-D10: entries that are their own parent, or each other's, end the walk", () => {
    const entries = [
      entry({ id: "self", spiffeId: agent }),
      entry({ id: "b", spiffeId: `${td}/b` }),
      entry({ id: "c", spiffeId: `${td}/c`, parentId: `${td}/b` }),
      entry({ id: "d", spiffeId: `${td}/b`, parentId: `${td}/c` }),
      entry({ id: "island", spiffeId: `${td}/island`, parentId: `${td}/island` }),
    ];
    expect(idsOf(entries)).toEqual(["b", "c", "d", "self"]);
  });

  it("REG-D10: a chain of 1,000 parents, and one of 100,000, is walked without recursion in both directions", () => {
    for (const depth of [1000, 100_000]) {
      const chain = Array.from({ length: depth }, (_, level) =>
        entry({
          id: `e${String(level)}`,
          spiffeId: `${td}/l/${String(level)}`,
          parentId: level === 0 ? agent : `${td}/l/${String(level - 1)}`,
        }),
      );
      const index = new EntryIndex(chain);
      expect(authorizedSet(index, node({ id: agent })).size).toBe(depth);
      const last = index.get(`e${String(depth - 1)}`);
      expect([...agentsConcerned(index, new NodeIndex([node({ id: agent })]), last ?? entry({ id: "none" }))]).toEqual([
        agent,
      ]);
    }
  });

  it("REG-D11: paths that differ only by case are different parents and different identities", () => {
    const entries = [
      entry({ id: "lower", spiffeId: `${td}/web` }),
      entry({ id: "upper", spiffeId: `${td}/Web`, parentId: `${td}/spire/agent/A` }),
      entry({ id: "below", parentId: `${td}/Web` }),
    ];
    expect(idsOf(entries)).toEqual(["lower"]);
    const index = new EntryIndex(entries);
    expect(index.bySpiffeId(`${td}/web`).map(({ id }) => id)).toEqual(["lower"]);
    expect(index.bySpiffeId(`${td}/Web`).map(({ id }) => id)).toEqual(["upper"]);
  });
});

describe("agentsConcerned", () => {
  it("names the nodes whose naive set changes, and with entries that are no alias only those", () => {
    let changed = 0;
    fc.assert(
      fc.property(
        fc.array(anyEntry, { minLength: 3, maxLength: 15, size: "max" }),
        fc.array(anyNode, { minLength: 1, maxLength: 3 }),
        anyChange,
        (entries, nodes, change) => {
          const index = new EntryIndex(entries);
          const nodeIndex = new NodeIndex(nodes);
          const before = [...index];
          const id = "write" in change ? change.write.id : change.remove;
          const [old] = before.filter((one) => one.id === id);
          const next = "write" in change ? change.write : undefined;
          const earlier = old === undefined ? [] : [...agentsConcerned(index, nodeIndex, old)];
          if (next === undefined) index.delete(id);
          else index.set(next);
          const touched = [old, next].filter((one) => one !== undefined);
          const concerned = new Set(touched.flatMap((one) => [...agentsConcerned(index, nodeIndex, one)]));
          const differing = [...nodeIndex].filter((one) => {
            const [was, is] = [naiveAuthorized(before, one), naiveAuthorized([...index], one)];
            return was.size !== is.size || [...is].some(([key, value]) => was.get(key) !== value);
          });
          for (const { id: nodeId } of differing) expect(concerned).toContain(nodeId);
          if (!touched.some(isNodeAlias)) expect(concerned.size).toBe(differing.length);
          // Asked before the change, the answer for what goes is the same.
          for (const nodeId of earlier) expect(concerned).toContain(nodeId);
          if (differing.length > 0) changed += 1;
        },
      ),
      { numRuns: 1000 },
    );
    expect(changed).toBeGreaterThan(100);
  });

  it("follows nodes as they come, change their selectors and go", () => {
    const nodes = new NodeIndex();
    const alias = entry({
      id: "alias",
      parentId: server,
      selectors: [
        { type: "x", value: "1" },
        { type: "x", value: "2" },
      ],
    });
    const index = new EntryIndex([alias]);
    const both = [
      { type: "x", value: "1" },
      { type: "x", value: "2" },
    ];
    nodes.set(node({ id: agent, selectors: both.slice(0, 1) }));
    expect([...agentsConcerned(index, nodes, alias)]).toEqual([]);
    nodes.set(node({ id: agent, selectors: both }));
    expect([...agentsConcerned(index, nodes, alias)]).toEqual([agent]);
    expect(nodes.size).toBe(1);
    expect([nodes.delete(agent), nodes.delete(agent)]).toEqual([true, false]);
    expect([...agentsConcerned(index, nodes, alias)]).toEqual([]);
  });
});
