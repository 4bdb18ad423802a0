// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { newOperator, expectOutcome } from "./task-samples.ts";
import type { OpenTaskStores } from "./task-stores.ts";

/** What every OperatorStore does: one entry for one person, for ever. */
export function operatorStoreContract(open: OpenTaskStores): void {
  describe("operator store", () => {
    it("gives back what was written, by name", async () => {
      await using stores = await open();
      const { operator } = newOperator("lee");
      const written = expectOutcome(await stores.operators.create(operator), "written");
      expect(written.value).toEqual({ ...operator, revision: written.value.revision });
      expect(await stores.operators.get("lee")).toEqual(written.value);
      expect(await stores.operators.get("Lee")).toBeUndefined();
      await stores.operators.create(newOperator("dana").operator);
      expect((await stores.operators.list()).map(({ name }) => name)).toEqual(["dana", "lee"]);
    });

    it("APR-D01 takes no second entry for one person", async () => {
      await using stores = await open();
      const lee = newOperator("lee").operator;
      const mia = newOperator("mia").operator;
      const stored = await stores.operators.create(mia);
      await stores.operators.create(lee);
      for (const fields of [
        { name: "lee" },
        { keys: lee.keys },
        { aliases: ["LEE"] },
        { aliases: ["Lee@Example.org"] },
        { spiffeIds: ["spiffe://example.org/user/lee"] },
        { spiffeIds: ["SPIFFE://EXAMPLE.ORG/USER/LEE"] },
      ]) {
        const other = { ...newOperator("other").operator, ...fields };
        expect(await stores.operators.create(other)).toEqual({ outcome: "conflict" });
        if (fields.name !== undefined || stored.outcome !== "written") continue;
        expect(await stores.operators.replace({ ...stored.value, ...fields })).toEqual({ outcome: "conflict" });
      }
      expect(await stores.operators.list()).toHaveLength(2);
    });

    it("is written over only at the revision that was read, and never after a removal", async () => {
      await using stores = await open();
      const created = expectOutcome(await stores.operators.create(newOperator("lee").operator), "written");
      const suspended = expectOutcome(
        await stores.operators.replace({ ...created.value, state: "suspended" }),
        "written",
      );
      expect(await stores.operators.replace({ ...created.value, state: "active" })).toEqual({ outcome: "changed" });
      const removed = expectOutcome(
        await stores.operators.replace({ ...suspended.value, state: "removed" }),
        "written",
      );
      expect(await stores.operators.replace({ ...removed.value, state: "active" })).toEqual({ outcome: "changed" });
      expect(await stores.operators.create(newOperator("lee").operator)).toEqual({ outcome: "conflict" });
      expect(await stores.operators.get("lee")).toEqual(removed.value);
    });
  });
}
