// SPDX-License-Identifier: Apache-2.0
import type { AuthorityRecord } from "@mayfly/ca";
import { type Datastore, openDatastore } from "@mayfly/datastore";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../src/clock.ts";
import { mayActivate } from "../src/sync/activation-rule.ts";
import { SyncHub } from "../src/sync/sync-hub.ts";
import { AuthorizedEntries } from "../src/views/authorized-entries.ts";
import { LiveViews } from "../src/views/live-views.ts";
import { Holder, nodeOf } from "./holder.ts";

const trustDomain = "example.org";
const nodeId = `spiffe://${trustDomain}/spire/agent/a`;

describe("a prepared authority", () => {
  let store: Datastore;
  let views: LiveViews;
  let hub: SyncHub;
  let holder: Holder | undefined;

  beforeEach(async () => {
    store = await openDatastore({ file: ":memory:", trustDomain });
    views = await LiveViews.load({ ...store }, systemClock);
    const authorized = new AuthorizedEntries({ views, entries: store.entries, clock: systemClock });
    hub = new SyncHub({ views, authorized, trustDomain });
    await publish(1n);
  });

  afterEach(async () => {
    holder?.stop();
    await holder?.over;
    holder = undefined;
    hub[Symbol.dispose]();
    views[Symbol.dispose]();
    await store[Symbol.asyncDispose]();
  });

  async function publish(sequenceNumber: bigint): Promise<void> {
    await store.bundles.set({ trustDomain, x509Authorities: [], jwtAuthorities: [], refreshHint: 0, sequenceNumber });
  }

  /** The rule for an authority that was published so many seconds ago. */
  function allows(publishedSecondsAgo: number): boolean {
    const notBefore = new Date(Date.now() - (publishedSecondsAgo + 30) * 1000);
    return mayActivate({ trustDomain, hub, views, clock: systemClock }, { notBefore } as AuthorityRecord);
  }

  async function until(what: () => boolean): Promise<void> {
    for (const end = Date.now() + 2000; !what() && Date.now() < end; )
      await new Promise((resolve) => setTimeout(resolve, 2));
    expect(what()).toBe(true);
  }

  it("signs at once when there is no agent", () => {
    expect(allows(0)).toBe(true);
  });

  it("waits three poll intervals for an agent without a stream, but not for a banned one", async () => {
    await store.nodes.attest(nodeOf(nodeId, []));
    expect(allows(5)).toBe(false);
    expect(allows(16)).toBe(true);
    await store.nodes.ban(nodeId);
    expect(allows(0)).toBe(true);
  });

  it("waits until every agent with a stream acknowledged the bundle, however long it takes", async () => {
    await store.nodes.attest(nodeOf(nodeId, []));
    holder = new Holder(hub, nodeId);
    await until(() => allows(0));
    holder.acknowledges = false;
    await publish(2n);
    expect(allows(0)).toBe(false);
    expect(allows(3600)).toBe(false);
    holder.stop();
    await until(() => allows(3600));
    expect(allows(0)).toBe(false);
  });
});
