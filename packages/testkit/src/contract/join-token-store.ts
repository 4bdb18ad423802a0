// SPDX-License-Identifier: Apache-2.0
import { createHash } from "node:crypto";
import type { JoinToken } from "@mayfly/registration";
import { describe, expect, it } from "vitest";
import { newEntry, now, nowSeconds } from "./samples.ts";
import type { OpenStores } from "./stores.ts";

function token(text: string, fields: Partial<JoinToken> = {}): JoinToken {
  const hash = createHash("sha256").update(text, "utf8").digest("hex");
  return { hash, expiresAt: nowSeconds + 600, retryWithSameKey: false, ...fields };
}

const later = (seconds: number): Date => new Date(now.getTime() + seconds * 1000);

/** What every JoinTokenStore does: a token works once. */
export function joinTokenStoreContract(open: OpenStores): void {
  describe("join token store", () => {
    it("lets a token be used once (NOD-D01)", async () => {
      await using stores = await open();
      const made = token("t", { agentPath: "/join_token/x" });
      expect(await stores.joinTokens.create(made)).toBe(true);
      expect(await stores.joinTokens.create(made)).toBe(false);
      expect(await stores.joinTokens.consume(made.hash, "key-1", now)).toEqual({
        outcome: "consumed",
        token: { ...made, usedByKey: "key-1" },
        retried: false,
      });
      expect(await stores.joinTokens.consume(made.hash, "key-1", now)).toEqual({ outcome: "unknown" });
      expect(await stores.joinTokens.consume(token("other").hash, "key-1", now)).toEqual({ outcome: "unknown" });
    });

    it("lets exactly one of 50 uses at once through, 200 times (NOD-D02)", async () => {
      await using stores = await open();
      for (let round = 0; round < 200; round++) {
        const { hash, ...rest } = token(`t-${round}`);
        await stores.joinTokens.create({ hash, ...rest });
        const uses = Array.from({ length: 50 }, (_, n) => stores.joinTokens.consume(hash, `key-${n}`, now));
        const outcomes = (await Promise.all(uses)).map(({ outcome }) => outcome);
        expect(outcomes.filter((outcome) => outcome === "consumed")).toHaveLength(1);
        expect(outcomes.filter((outcome) => outcome === "unknown")).toHaveLength(49);
      }
    });

    it("uses up an expired token (NOD-D03)", async () => {
      await using stores = await open();
      const made = token("t", { retryWithSameKey: true });
      await stores.joinTokens.create(made);
      expect(await stores.joinTokens.consume(made.hash, "key", later(601))).toEqual({ outcome: "expired" });
      expect(await stores.joinTokens.consume(made.hash, "other key", now)).toEqual({ outcome: "unknown" });
    });

    it("is at its end in the second that it names, and good in the one before", async () => {
      await using stores = await open();
      for (const [text, seconds, outcome] of [
        ["before", 599, "consumed"],
        ["at", 600, "expired"],
      ] as const) {
        await stores.joinTokens.create(token(text));
        expect((await stores.joinTokens.consume(token(text).hash, "key", later(seconds))).outcome).toBe(outcome);
      }
    });

    it("lets the same key retry an enrolment string until it expires, and no other", async () => {
      await using stores = await open();
      const made = token("t", { retryWithSameKey: true });
      await stores.joinTokens.create(made);
      const keys = ["key-1", "key-2", "key-1", "key-3", "key-1"];
      const outcomes = await Promise.all(keys.map((key) => stores.joinTokens.consume(made.hash, key, now)));
      expect(outcomes.map((each) => ("retried" in each ? each.retried : each.outcome))).toEqual([
        false,
        "unknown",
        true,
        "unknown",
        true,
      ]);
      expect(await stores.joinTokens.consume(made.hash, "key-1", later(600))).toEqual({ outcome: "expired" });
    });

    it("compares hashes byte for byte (NOD-D04)", async () => {
      await using stores = await open();
      const { hash, ...rest } = token("t");
      await stores.joinTokens.create({ hash, ...rest });
      for (const other of [`${hash} `, ` ${hash}`, hash.toUpperCase(), hash.slice(0, -1), `${hash}\u0000`, "", "%"]) {
        expect(await stores.joinTokens.consume(other, "key", now)).toEqual({ outcome: "unknown" });
      }
      expect((await stores.joinTokens.consume(hash, "key", now)).outcome).toBe("consumed");
    });

    it("writes a token and its alias entry together or not at all", async () => {
      await using stores = await open();
      const aliasEntry = newEntry({ id: "alias" });
      expect(await stores.joinTokens.create(token("a"), { aliasEntry, now })).toBe(true);
      expect(await stores.entries.get("alias")).toMatchObject({ ...aliasEntry, createdAt: nowSeconds });
      // The id is taken by an entry that says something else: the token may not stay.
      await expect(
        stores.joinTokens.create(token("b"), { aliasEntry: newEntry({ id: "alias" }), now }),
      ).rejects.toHaveProperty("code", "STORE_CONFLICT");
      expect(await stores.joinTokens.consume(token("b").hash, "key", now)).toEqual({ outcome: "unknown" });
      // A token that exists leaves no alias behind.
      expect(await stores.joinTokens.create(token("a"), { aliasEntry: newEntry({ id: "second" }), now })).toBe(false);
      expect(await stores.entries.count({})).toBe(1);
    });

    it("prunes what is over", async () => {
      await using stores = await open();
      await stores.joinTokens.create(token("old", { expiresAt: nowSeconds - 1 }));
      await stores.joinTokens.create(token("new"));
      expect(await stores.joinTokens.prune(now)).toBe(1);
      expect(await stores.joinTokens.consume(token("old").hash, "key", now)).toEqual({ outcome: "unknown" });
      expect((await stores.joinTokens.consume(token("new").hash, "key", now)).outcome).toBe("consumed");
    });
  });
}
