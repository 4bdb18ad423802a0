// SPDX-License-Identifier: Apache-2.0
import { verifyPeer, X509Bundle, TrustDomain, X509SvidError } from "@mayfly/spiffe";
import { Certificate } from "@mayfly/x509";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AuthorityError, type IssuedX509, MemoryKeyStore } from "../src/index.ts";
import { issueOne, openTestService, requestFor, type TestService } from "./support/test-service.ts";

function bundleOf({ store }: TestService): X509Bundle {
  const authorities = store.bundle().x509.map((hex) => Certificate.parse(Buffer.from(hex, "hex")));
  return new X509Bundle(TrustDomain.parse("example.org"), authorities);
}

function isTrusted(test: TestService, issued: IssuedX509): boolean {
  const bundle = bundleOf(test);
  try {
    verifyPeer(issued.chain, { get: () => bundle }, { now: test.clock.now() });
    return true;
  } catch (error) {
    if (error instanceof X509SvidError) return false;
    throw error;
  }
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return "done";
  } catch (error) {
    if (error instanceof AuthorityError) return error.code;
    throw error;
  }
}

describe("withdrawing an authority", () => {
  it("ISS-D10 prepare, activate, taint and revoke under load: every answer is trusted when it comes, none is lost, the old is refused", async () => {
    const test = await openTestService();
    const { authorities } = test.service;
    const old = await issueOne(test.service, requestFor("old"));
    const stop = new AbortController();
    let signed = 0;
    const load = Array.from({ length: 4 }, async () => {
      while (!stop.signal.aborted) {
        const issued = await test.service.signer.issueX509([requestFor("a"), requestFor("b")]);
        expect(issued.every((each) => isTrusted(test, each))).toBe(true);
        signed += issued.length;
      }
    });
    for (let round = 0; round < 10; round++) {
      const before = authorities.slots("x509").active?.id ?? "";
      const next = await authorities.prepare("x509");
      await authorities.activate("x509", next.id);
      await sleep(10);
      await authorities.taint("x509", before);
      await authorities.revoke("x509", before);
      const fresh = await issueOne(test.service, requestFor("fresh"));
      expect(fresh.authorityId).toBe(next.id);
    }
    stop.abort();
    await Promise.all(load);
    expect(signed).toBeGreaterThan(20);
    expect(isTrusted(test, old)).toBe(false);
    expect(test.alarms).toEqual([]);
  });

  it("changes at the same time happen one after the other", async () => {
    const { service } = await openTestService();
    const made = await Promise.all([1, 2, 3].map(() => service.authorities.prepare("jwt")));
    const { active, prepared, records } = service.authorities.slots("jwt");
    expect(records).toHaveLength(4);
    expect(made.map(({ id }) => id)).toContain(prepared?.id);
    expect(active).toBeDefined();
  });

  it("loses against another writer of the store only after it tried again", async () => {
    const { service, store } = await openTestService();
    const { version, records } = await store.list("x509");
    await store.commit({ kind: "x509", version, records, edits: [] });
    expect(await codeOf(() => service.authorities.prepare("x509"))).toBe("done");
    store.commit = async () => false;
    expect(await codeOf(() => service.authorities.prepare("x509"))).toBe("AUTHORITY_CONFLICT");
  });

  it("deletes a key as soon as nothing may be signed with it any more", async () => {
    const { service, keys } = await openTestService();
    const { authorities } = service;
    const first = authorities.slots("x509").active?.keyRef ?? "";
    await authorities.activate("x509", (await authorities.prepare("x509")).id);
    expect(await keys.open(first)).toBeDefined();
    await authorities.prepare("x509");
    expect(await keys.open(first)).toBeUndefined();
    expect(await keys.open(authorities.slots("x509").active?.keyRef ?? "")).toBeDefined();
  });

  it("refuses to activate an authority whose key is lost", async () => {
    const { service, keys } = await openTestService();
    const next = await service.authorities.prepare("jwt");
    await keys.delete(next.keyRef);
    expect(await codeOf(() => service.authorities.activate("jwt", next.id))).toBe("AUTHORITY_KEY_LOST");
  });

  it("keeps the key of an authority whose commit was reported as failed and was not", async () => {
    const { service, store, keys } = await openTestService();
    const commit = store.commit.bind(store);
    store.commit = async (change) => {
      await commit(change);
      throw new RangeError("the answer was lost");
    };
    await expect(service.authorities.prepare("x509")).rejects.toThrow("the answer was lost");
    store.commit = commit;
    const { prepared } = service.authorities.slots("x509");
    expect(await keys.open(prepared?.keyRef ?? "")).toBeDefined();
    expect(await codeOf(() => service.authorities.activate("x509", prepared?.id ?? ""))).toBe("done");
  });

  it("signs with what was activated though the store can't be read afterwards", async () => {
    const { service, store } = await openTestService();
    const next = await service.authorities.prepare("x509");
    const list = store.list.bind(store);
    store.list = async () => {
      throw new RangeError("the disk is gone");
    };
    await service.authorities.activate("x509", next.id);
    expect((await issueOne(service, requestFor("a"))).authorityId).toBe(next.id);
    store.list = list;
    expect(await codeOf(() => service.authorities.prepare("x509"))).toBe("done");
  });

  it("deletes the key of an authority that was never stored", async () => {
    const made: string[] = [];
    const keys = new MemoryKeyStore();
    const { service, store } = await openTestService({
      keys: {
        generate: (name) => {
          made.push(name);
          return keys.generate(name);
        },
        open: (name) => keys.open(name),
        delete: (name) => keys.delete(name),
      },
    });
    store.commit = async () => {
      throw new RangeError("the disk is full");
    };
    await expect(service.authorities.prepare("x509")).rejects.toThrow("the disk is full");
    expect(await keys.open(made.at(-1) ?? "")).toBeUndefined();
  });
});
