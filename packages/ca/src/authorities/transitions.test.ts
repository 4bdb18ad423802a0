// SPDX-License-Identifier: Apache-2.0
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuthorityError } from "../errors.ts";
import type { AuthorityKind, AuthorityRecord, BundleEdit } from "../ports.ts";
import { slotsOf } from "./slots.ts";
import { activated, prepared, pruned, revoked, tainted } from "./transitions.ts";

const now = new Date("2026-11-24T12:00:00Z");

function fresh(kind: AuthorityKind, id: string): AuthorityRecord {
  return {
    kind,
    id,
    slot: "prepared",
    keyRef: `key-${id}`,
    publicKey: Buffer.from(`public ${id}`),
    ...(kind === "x509" && { certificate: Buffer.from(`certificate ${id}`) }),
    notBefore: now,
    notAfter: new Date(now.getTime() + 86_400_000),
    tainted: false,
    revoked: false,
  };
}

function codeOf(change: () => unknown): string {
  try {
    change();
    return "done";
  } catch (error) {
    if (error instanceof AuthorityError) return error.code;
    throw error;
  }
}

/** Authorities a (old), b (active) of one kind. */
function rotatedOnce(kind: AuthorityKind): readonly AuthorityRecord[] {
  const first = activated(prepared([], fresh(kind, "a")).records, "a", now).records;
  return activated(prepared(first, fresh(kind, "b")).records, "b", now).records;
}

function slotIds(records: readonly AuthorityRecord[]): {
  active?: string | undefined;
  prepared?: string | undefined;
  old?: string | undefined;
} {
  const { active, prepared: next, old } = slotsOf(records);
  return { active: active?.id, prepared: next?.id, old: old?.id };
}

describe.each(["x509", "jwt"] as const)("%s authorities", (kind) => {
  it("prepare publishes, activate swaps, prepare again retires what was old", () => {
    const records = rotatedOnce(kind);
    expect(slotIds(records)).toEqual({ active: "b", prepared: undefined, old: "a" });
    const { records: next, edits, subject } = prepared(records, fresh(kind, "c"));
    expect(slotIds(next)).toEqual({ active: "b", prepared: "c", old: undefined });
    expect(next.find(({ id }) => id === "a")?.slot).toBe("retired");
    expect(edits.map(({ op }) => op)).toEqual([kind === "x509" ? "add-x509" : "add-jwt"]);
    expect(subject.id).toBe("c");
  });

  it("activate takes the prepared one only", () => {
    const records = prepared(rotatedOnce(kind), fresh(kind, "c")).records;
    expect(codeOf(() => activated(records, "", now))).toBe("AUTHORITY_ID_MISSING");
    expect(codeOf(() => activated(records, "b", now))).toBe("AUTHORITY_UNKNOWN");
    expect(codeOf(() => activated(records, "nobody", now))).toBe("AUTHORITY_UNKNOWN");
    expect(codeOf(() => activated(rotatedOnce(kind), "a", now))).toBe("AUTHORITY_OLD");
    expect(codeOf(() => activated(records, "c", new Date(now.getTime() + 86_400_000)))).toBe("AUTHORITY_EXPIRED");
    expect(codeOf(() => activated(records, "c", now))).toBe("done");
  });

  it("taint takes the old one only, once", () => {
    const records = rotatedOnce(kind);
    const withPrepared = prepared(records, fresh(kind, "c")).records;
    expect(codeOf(() => tainted(records, ""))).toBe("AUTHORITY_ID_MISSING");
    expect(codeOf(() => tainted(records, "b"))).toBe("AUTHORITY_ACTIVE");
    expect(codeOf(() => tainted(withPrepared, "c"))).toBe("AUTHORITY_PREPARED");
    expect(codeOf(() => tainted(withPrepared, "a"))).toBe("AUTHORITY_UNKNOWN");
    const once = tainted(records, "a");
    expect(once.edits.map(({ op }) => op)).toEqual([`taint-${kind}`]);
    expect(codeOf(() => tainted(once.records, "a"))).toBe("AUTHORITY_TAINTED");
    expect(codeOf(() => tainted(revoked(once.records, "a").records, "a"))).toBe("AUTHORITY_REVOKED");
  });

  it("revoke takes a tainted one, once, and leaves it in its slot", () => {
    const records = rotatedOnce(kind);
    expect(codeOf(() => revoked(records, ""))).toBe("AUTHORITY_ID_MISSING");
    expect(codeOf(() => revoked(records, "b"))).toBe("AUTHORITY_ACTIVE");
    expect(codeOf(() => revoked(records, "a"))).toBe("AUTHORITY_NOT_TAINTED");
    expect(codeOf(() => revoked(records, "nobody"))).toBe("AUTHORITY_UNKNOWN");
    const withPrepared = prepared(records, fresh(kind, "c")).records;
    expect(codeOf(() => revoked(withPrepared, "c"))).toBe("AUTHORITY_PREPARED");
    const gone = revoked(tainted(records, "a").records, "a");
    expect(gone.edits.map(({ op }) => op)).toEqual([`remove-${kind}`]);
    expect(slotIds(gone.records).old).toBe("a");
    expect(codeOf(() => revoked(gone.records, "a"))).toBe("AUTHORITY_REVOKED");
  });

  it("a tainted one that left the slots can be revoked when it is a JWT key", () => {
    const records = prepared(tainted(rotatedOnce(kind), "a").records, fresh(kind, "c")).records;
    expect(codeOf(() => revoked(records, "a"))).toBe(kind === "jwt" ? "done" : "AUTHORITY_UNKNOWN");
  });

  it("whatever is done in whatever order, one signs, and the bundle holds all that is not revoked", () => {
    const step = fc.record({
      op: fc.constantFrom("prepare", "activate", "taint", "revoke", "prune"),
      pick: fc.nat(20),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let records = activated(prepared([], fresh(kind, "0")).records, "0", now).records;
        let clock = now;
        const bundle = new Set(["0"]);
        for (const [index, { op, pick }] of steps.entries()) {
          const id = records[pick % records.length]?.id ?? "";
          clock = new Date(clock.getTime() + 3_600_000);
          const born = {
            ...fresh(kind, String(index + 1)),
            notBefore: clock,
            notAfter: new Date(clock.getTime() + 9e7),
          };
          try {
            const result = {
              prepare: () => prepared(records, born),
              activate: () => activated(records, id, clock),
              taint: () => tainted(records, id),
              revoke: () => revoked(records, id),
              prune: () => pruned(records, clock) ?? { records, edits: [] },
            }[op]();
            ({ records } = result);
            for (const edit of result.edits) apply(bundle, edit);
          } catch (error) {
            if (!(error instanceof AuthorityError)) throw error;
          }
          expect(records.filter(({ slot }) => slot === "active")).toHaveLength(1);
          expect(records.filter(({ slot }) => slot === "prepared" || slot === "old").length).toBeLessThanOrEqual(1);
          expect(slotsOf(records).active?.tainted).toBe(false);
          const published = records.filter((each) => !each.revoked).map((each) => each.id);
          expect([...bundle].sort()).toEqual(published.sort());
        }
      }),
      { numRuns: 60 },
    );
  });
});

function apply(bundle: Set<string>, edit: BundleEdit): void {
  const id = "keyId" in edit ? edit.keyId : Buffer.from(edit.certificate).toString().replace("certificate ", "");
  if (edit.op.startsWith("add")) bundle.add(id);
  if (edit.op.startsWith("remove")) bundle.delete(id);
}
