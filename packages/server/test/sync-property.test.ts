// SPDX-License-Identifier: Apache-2.0
import { type Datastore, openDatastore } from "@mayfly/datastore";
import {
  type AttestedNode,
  entryVersion,
  type NewEntry,
  type RegistrationEntry,
  type Selector,
  setDigest,
} from "@mayfly/registration";
import { array, assert, asyncProperty, constantFrom, nat, oneof, record, subarray } from "fast-check";
import { describe, expect, it } from "vitest";
import { systemClock } from "../src/clock.ts";
import { SyncHub } from "../src/sync/sync-hub.ts";
import { AuthorizedEntries } from "../src/views/authorized-entries.ts";
import { LiveViews } from "../src/views/live-views.ts";
import { Holder, nodeOf } from "./holder.ts";

const td = "spiffe://example.org";
const serverId = `${td}/spire/server`;
const nodeIds = ["a", "b", "c"].map((name) => `${td}/spire/agent/${name}`);
const workloadIds = ["v", "w", "x", "y"].map((name) => `${td}/${name}`);
const nodeSelectors: Selector[] = ["red", "blue", "big"].map((value) => ({ type: "node", value }));

/** Definition, not implementation: the recursion of the server API's description, over lists. */
function naiveSet(entries: readonly RegistrationEntry[], node: AttestedNode): Map<string, string> {
  const has = ({ type, value }: Selector): boolean =>
    node.selectors.some((each) => each.type === type && each.value === value);
  const out = new Map<string, string>();
  const seen = new Set<string>();
  const visit = (parent: string): void => {
    if (seen.has(parent)) return;
    seen.add(parent);
    for (const entry of entries.filter(({ parentId }) => parentId === parent && parentId !== serverId)) {
      out.set(entry.id, entryVersion(entry));
      visit(entry.spiffeId);
    }
  };
  visit(node.id);
  for (const alias of entries.filter(({ parentId }) => parentId === serverId)) {
    if (alias.selectors.every(has)) visit(alias.spiffeId);
  }
  return out;
}

function entryOf(id: string, fields: Pick<NewEntry, "spiffeId" | "parentId" | "selectors">): NewEntry {
  const rest = { x509SvidTtl: 0, jwtSvidTtl: 0, federatesWith: [], admin: false, downstream: false, expiresAt: 0 };
  const { spiffeId, parentId, selectors } = fields;
  return { id, spiffeId, parentId, selectors, ...rest, dnsNames: [], storeSvid: false, hint: "" };
}

const someSelectors = subarray(nodeSelectors, { minLength: 1 });
const change = oneof(
  record({
    do: constantFrom("create" as const, "update" as const),
    id: nat(7),
    spiffeId: constantFrom(...workloadIds),
    parentId: constantFrom(serverId, ...nodeIds, ...workloadIds),
    selectors: someSelectors,
  }),
  record({ do: constantFrom("delete" as const), id: nat(7) }),
  record({ do: constantFrom("attest" as const), node: nat(2), selectors: subarray(nodeSelectors) }),
);

async function apply(store: Datastore, each: ReturnType<typeof change.generate>["value"]): Promise<void> {
  if (each.do === "attest") await store.nodes.attest(nodeOf(nodeIds[each.node] ?? "", each.selectors));
  else if (each.do === "delete") await store.entries.delete(`e${String(each.id)}`);
  else if (each.do === "create") await store.entries.create(entryOf(`e${String(each.id)}`, each), new Date());
  else {
    const { spiffeId, parentId, selectors } = each;
    await store.entries.update(`e${String(each.id)}`, { spiffeId, parentId, selectors });
  }
}

async function converges(store: Datastore, changes: readonly Parameters<typeof apply>[1][]): Promise<void> {
  for (let id = 0; id < 8; id++) await store.entries.delete(`e${String(id)}`);
  for (const id of nodeIds) await store.nodes.attest(nodeOf(id, []));
  using views = await LiveViews.load({ ...store }, systemClock);
  const authorized = new AuthorizedEntries({ views, entries: store.entries, clock: systemClock });
  using hub = new SyncHub({ views, authorized, trustDomain: "example.org" });
  const holders = nodeIds.map((id) => new Holder(hub, id));
  const served = (id: string): Map<string, string> => {
    const node = views.node(id);
    return new Map(node && [...authorized.of(node)].map(([entryId, entry]) => [entryId, entryVersion(entry)]));
  };
  for (const each of changes) {
    // Asked in between, so that what is remembered must be forgotten in time.
    nodeIds.forEach(served);
    await apply(store, each);
  }
  const { items } = await store.entries.list({}, { pageSize: 0 });
  const wanted = nodeIds.flatMap((id) => views.node(id) ?? []).map((node) => naiveSet(items, node));
  const until = Date.now() + 2000;
  const holds = (): boolean =>
    holders.every(
      ({ entries }, index) => Buffer.compare(setDigest(entries), setDigest(wanted[index] ?? new Map())) === 0,
    );
  while (!holds() && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 2));
  for (const holder of holders) holder.stop();
  await Promise.all(holders.map(({ over }) => over));
  expect(holders.map(({ entries }) => entries)).toEqual(wanted);
  expect(nodeIds.map((id) => setDigest(served(id)))).toEqual(wanted.map((set) => setDigest(set)));
  expect(hub.connected).toBe(0);
}

describe("push", () => {
  it("brings every agent what the naive definition says, whatever changes in whatever order", async () => {
    await using store = await openDatastore({ file: ":memory:", trustDomain: "example.org" });
    const changes = array(change, { minLength: 1, maxLength: 30 });
    await assert(
      asyncProperty(changes, (list) => converges(store, list)),
      { numRuns: 200 },
    );
  });
});
