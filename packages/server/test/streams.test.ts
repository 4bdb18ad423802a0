// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { diffSets, setDigest } from "@mayfly/registration";
import {
  agentService,
  entryService,
  localAuthorityService,
  mayflyAdminService,
  mayflyAgentService,
  type PermissionDeniedReason,
  type RpcChannel,
  type SyncResponse,
} from "@mayfly/rpc";
import { createRequest } from "@mayfly/x509";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Identity, idOf, newKeys, refusal, ServerUnderTest } from "./server-under-test.ts";

/** What an agent does with its Sync stream, without anything else. */
class Follower {
  readonly entries = new Map<string, string>();
  readonly bundles = new Map<string, string>();
  /** How the stream ended. */
  readonly ended: Promise<{ code: number; reason: PermissionDeniedReason | undefined }>;
  responses = 0;
  readonly #outbox: object[] = [];
  #ring: () => void = () => undefined;
  #watchers: (() => void)[] = [];
  acknowledges = true;

  constructor(channel: RpcChannel, held: ReadonlyMap<string, string> = new Map()) {
    for (const [id, version] of held) this.entries.set(id, version);
    this.ended = refusal(this.#follow(channel));
  }

  async until(what: () => boolean, timeoutMs = 1000): Promise<number> {
    const started = performance.now();
    while (!what()) {
      if (performance.now() - started > timeoutMs) throw new Error("it did not come");
      await Promise.race([new Promise<void>((resolve) => this.#watchers.push(resolve)), sleep(20)]);
    }
    return performance.now() - started;
  }

  async *#messages(): AsyncGenerator<object> {
    const digests = { entries_digest: setDigest(this.entries), bundles_digest: setDigest(this.bundles) };
    yield { open: { ...digests, seen_revision: "0", agent_version: "test" } };
    for (;;) {
      while (this.#outbox.length > 0) yield this.#outbox.shift() ?? {};
      await new Promise<void>((resolve) => {
        this.#ring = resolve;
      });
    }
  }

  async #follow(channel: RpcChannel): Promise<void> {
    for await (const response of channel.bidi(mayflyAgentService.methods.Sync, this.#messages())) this.#apply(response);
  }

  #apply(response: SyncResponse): void {
    this.responses += 1;
    if (response.send_versions) {
      this.#send({
        versions: { entries: Object.fromEntries(this.entries), bundles: Object.fromEntries(this.bundles) },
      });
      return;
    }
    for (const { version, entry } of response.entries) this.entries.set(entry?.id ?? "", version);
    for (const id of response.removed_entry_ids) this.entries.delete(id);
    for (const { version, bundle } of response.bundles) this.bundles.set(bundle?.trust_domain ?? "", version);
    for (const name of response.removed_bundles) this.bundles.delete(name);
    if (!response.more) {
      expect(response.entries_digest).toEqual(Buffer.from(setDigest(this.entries)));
      expect(response.bundles_digest).toEqual(Buffer.from(setDigest(this.bundles)));
      if (this.acknowledges) this.#send({ ack: { nonce: response.nonce, revision: response.revision } });
    }
    for (const watcher of this.#watchers.splice(0)) watcher();
  }

  #send(message: object): void {
    this.#outbox.push(message);
    this.#ring();
  }
}

describe("open streams of agents", () => {
  let under: ServerUnderTest;

  beforeAll(async () => {
    under = await ServerUnderTest.start();
  });

  afterAll(async () => {
    await under[Symbol.asyncDispose]();
  });

  async function follow(node?: Identity): Promise<{ node: Identity; follower: Follower }> {
    const identity = node ?? (await under.agent());
    const follower = new Follower(under.as(identity));
    await follower.until(() => follower.responses > 0, 5000);
    return { node: identity, follower };
  }

  it("bring an entry at once, its change, and take it away when it is deleted", async () => {
    const { node, follower } = await follow();
    const entry = await under.entry({ spiffe_id: idOf("/w"), parent_id: node.id });
    await follower.until(() => follower.entries.has(entry.id));
    const before = follower.entries.get(entry.id);
    const selectors = [{ type: "unix", value: "uid:2" }];
    await under.admin.unary(entryService.methods.BatchUpdateEntry, {
      entries: [{ ...entry, selectors }],
      input_mask: { selectors: true },
    });
    await follower.until(() => follower.entries.get(entry.id) !== before);
    await under.admin.unary(entryService.methods.BatchDeleteEntry, { ids: [entry.id] });
    await follower.until(() => !follower.entries.has(entry.id));
  });

  it("take an entry away in the second in which it ends", async () => {
    const { node, follower } = await follow();
    const expires_at = String(Math.floor(Date.now() / 1000) + 3);
    const entry = await under.entry({ spiffe_id: idOf("/short"), parent_id: node.id, expires_at });
    await follower.until(() => follower.entries.has(entry.id));
    await follower.until(() => !follower.entries.has(entry.id), 5000);
    expect(Math.abs(Date.now() - Number(expires_at) * 1000)).toBeLessThan(1000);
  });

  it("follow an entry that moves to another node, through nested entries", async () => {
    const [a, b] = [await follow(), await follow()];
    const parent = await under.entry({ spiffe_id: idOf("/group"), parent_id: a.node.id });
    const child = await under.entry({ spiffe_id: idOf("/child"), parent_id: idOf("/group") });
    await a.follower.until(() => a.follower.entries.has(child.id));
    await under.admin.unary(entryService.methods.BatchUpdateEntry, {
      entries: [{ ...parent, parent_id: b.node.id }],
      input_mask: { parent_id: true },
    });
    await Promise.all([
      a.follower.until(() => !a.follower.entries.has(child.id) && !a.follower.entries.has(parent.id)),
      b.follower.until(() => b.follower.entries.has(child.id) && b.follower.entries.has(parent.id)),
    ]);
  });

  it("end within a second when the agent is deleted", async () => {
    const { node, follower } = await follow();
    const started = performance.now();
    await under.admin.unary(agentService.methods.DeleteAgent, { id: node.id });
    expect(await follower.ended).toMatchObject({ code: 7, reason: "AGENT_NOT_ATTESTED" });
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("go on while a renewed SVID waits, and move without a word that costs the identity", async () => {
    const { node, follower } = await follow();
    const keys = newKeys();
    const { svid } = await under
      .as(node)
      .unary(agentService.methods.RenewAgent, { params: { csr: createRequest({ keys }) } });
    const renewed: Identity = { id: node.id, chain: svid?.cert_chain ?? [], privateKey: keys.privateKey };
    const next = await follow(renewed);
    expect(await follower.ended).toMatchObject({ code: 14, reason: undefined });
    const entry = await under.entry({ spiffe_id: idOf("/renewed"), parent_id: node.id });
    await next.follower.until(() => next.follower.entries.has(entry.id));
  });

  it("end when the agent's own SVID ends, with the reason", async () => {
    await using brief = await ServerUnderTest.start({ agent_svid_ttl: "3s" });
    const follower = new Follower(brief.as(await brief.agent()));
    await follower.until(() => follower.responses > 0, 3000);
    const started = Date.now();
    expect(await follower.ended).toMatchObject({ code: 7, reason: "AGENT_EXPIRED" });
    expect(Date.now() - started).toBeLessThan(4500);
  });

  it("send only what is missing to an agent that holds something, and nothing to one that holds all", async () => {
    const { node, follower } = await follow();
    const kept = await under.entry({ spiffe_id: idOf("/kept"), parent_id: node.id });
    await follower.until(() => follower.entries.has(kept.id));
    const held = new Map([...follower.entries, ["gone", "version"]]);
    const again = new Follower(under.as(node), held);
    await again.until(() => !again.entries.has("gone"), 3000);
    expect(diffSets(again.entries, follower.entries)).toEqual({ upserts: [], removed: [] });
  });

  it("leave nothing behind when the agent goes away without a word", async () => {
    await using lonely = await ServerUnderTest.start();
    const channel = lonely.as(await lonely.agent());
    const follower = new Follower(channel);
    await follower.until(() => follower.responses > 0, 5000);
    const connected = async (): Promise<number> =>
      (await lonely.admin.unary(mayflyAdminService.methods.GetStatus, {})).agents_connected;
    expect(await connected()).toBe(1);
    channel.close();
    const until = Date.now() + 1000;
    while ((await connected()) > 0 && Date.now() < until) await sleep(10);
    expect(await connected()).toBe(0);
  });

  it("bring a prepared authority, and AwaitDelivery counts agents that acknowledged", async () => {
    const { node, follower } = await follow();
    const before = follower.bundles.get("example.org");
    await under.admin.unary(localAuthorityService.methods.PrepareX509Authority, {});
    await follower.until(() => follower.bundles.get("example.org") !== before);
    const entry = await under.entry({ spiffe_id: idOf("/await"), parent_id: node.id });
    const await_ = (): Promise<unknown> =>
      under.admin.unary(mayflyAdminService.methods.AwaitDelivery, { entry_ids: [entry.id] }, { timeoutMs: 1000 });
    expect(await await_()).toEqual({ agents: 1, agents_pending: 0 });
    follower.acknowledges = false;
    const late = await under.entry({ spiffe_id: idOf("/late"), parent_id: node.id });
    const pending = under.admin.unary(
      mayflyAdminService.methods.AwaitDelivery,
      { entry_ids: [late.id] },
      { timeoutMs: 800 },
    );
    expect(await pending).toEqual({ agents: 0, agents_pending: 1 });
  });
});
