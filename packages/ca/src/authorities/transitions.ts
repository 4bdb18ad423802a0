// SPDX-License-Identifier: Apache-2.0
import { AuthorityError, type AuthorityErrorCode } from "../errors.ts";
import type { AuthorityRecord, BundleEdit } from "../ports.ts";
import { keptUntil } from "./schedule.ts";
import { slotsOf } from "./slots.ts";

/** What a change makes of the records of one kind, which bundle edits go with it, and which authority it is about. */
export interface Transition {
  readonly records: readonly AuthorityRecord[];
  readonly edits: readonly BundleEdit[];
  readonly subject: AuthorityRecord;
}

function refuse(code: AuthorityErrorCode, message: string): never {
  throw new AuthorityError(code, message);
}

function replaced(
  records: readonly AuthorityRecord[],
  change: (record: AuthorityRecord) => AuthorityRecord,
): readonly AuthorityRecord[] {
  return records.map(change);
}

/** Publishes `fresh` and puts it into the next slot; what was there stays in the bundle until it ends. */
export function prepared(records: readonly AuthorityRecord[], fresh: AuthorityRecord): Transition {
  const kept = replaced(records, (each) =>
    each.slot === "prepared" || each.slot === "old" ? { ...each, slot: "retired" } : each,
  );
  return { records: [...kept, fresh], edits: [addition(fresh)], subject: fresh };
}

/** Lets the prepared authority sign; the one that did becomes old. @throws {AuthorityError} AUTHORITY_ID_MISSING, _UNKNOWN, _OLD, _EXPIRED */
export function activated(records: readonly AuthorityRecord[], id: string, now: Date): Transition {
  const { prepared: next, old } = slotsOf(records);
  if (id === "") refuse("AUTHORITY_ID_MISSING", "no authority id");
  if (old?.id === id) refuse("AUTHORITY_OLD", "an authority that was active before can't be activated");
  if (next?.id !== id) refuse("AUTHORITY_UNKNOWN", "only the prepared authority can be activated");
  if (next.notAfter <= now) refuse("AUTHORITY_EXPIRED", "the prepared authority has ended");
  const subject: AuthorityRecord = { ...next, slot: "active" };
  const changed = replaced(records, (each) => {
    if (each === next) return subject;
    return each.slot === "active" ? { ...each, slot: "old" } : each;
  });
  return { records: changed, edits: [], subject };
}

/** Tells everybody not to trust the old authority for new things. @throws {AuthorityError} AUTHORITY_ID_MISSING, _UNKNOWN, _ACTIVE, _PREPARED, _REVOKED, _TAINTED */
export function tainted(records: readonly AuthorityRecord[], id: string): Transition {
  const { active, prepared: next, old } = slotsOf(records);
  if (id === "") refuse("AUTHORITY_ID_MISSING", "no authority id");
  if (active?.id === id) refuse("AUTHORITY_ACTIVE", "the active authority can't be tainted");
  if (next?.id === id) refuse("AUTHORITY_PREPARED", "a prepared authority can't be tainted");
  if (old?.id !== id) refuse("AUTHORITY_UNKNOWN", "only the old authority can be tainted");
  if (old.revoked) refuse("AUTHORITY_REVOKED", "the authority was revoked");
  if (old.tainted) refuse("AUTHORITY_TAINTED", "the authority is tainted already");
  const subject: AuthorityRecord = { ...old, tainted: true };
  const edit: BundleEdit =
    old.certificate === undefined
      ? { op: "taint-jwt", keyId: old.id }
      : { op: "taint-x509", certificate: old.certificate };
  return { records: replaced(records, (each) => (each === old ? subject : each)), edits: [edit], subject };
}

/** Takes a tainted authority out of the bundle. JWT keys that left the slots can be revoked, too. @throws {AuthorityError} AUTHORITY_ID_MISSING, _UNKNOWN, _ACTIVE, _PREPARED, _REVOKED, _NOT_TAINTED */
export function revoked(records: readonly AuthorityRecord[], id: string): Transition {
  const { active, prepared: next } = slotsOf(records);
  if (id === "") refuse("AUTHORITY_ID_MISSING", "no authority id");
  if (active?.id === id) refuse("AUTHORITY_ACTIVE", "the active authority can't be revoked");
  if (next?.id === id) refuse("AUTHORITY_PREPARED", "a prepared authority can't be revoked");
  const found = records.findLast((each) => each.id === id && (each.slot === "old" || each.kind === "jwt"));
  if (found === undefined) refuse("AUTHORITY_UNKNOWN", "no such authority can be revoked");
  if (found.revoked) refuse("AUTHORITY_REVOKED", "the authority is revoked already");
  if (!found.tainted) refuse("AUTHORITY_NOT_TAINTED", "an authority must be tainted before it is revoked");
  const subject: AuthorityRecord = { ...found, revoked: true };
  return { records: replaced(records, (each) => (each === found ? subject : each)), edits: [removal(found)], subject };
}

/** Forgets authorities whose time in the bundle is over, except what signs or waits to; undefined when there are none. */
export function pruned(
  records: readonly AuthorityRecord[],
  now: Date,
): (Omit<Transition, "subject"> & { readonly removed: readonly AuthorityRecord[] }) | undefined {
  const gone = (each: AuthorityRecord): boolean =>
    (each.slot === "old" || each.slot === "retired") && keptUntil(each) < now;
  const removed = records.filter(gone);
  if (removed.length === 0) return undefined;
  const edits = removed.filter((each) => !each.revoked).map(removal);
  return { records: records.filter((each) => !gone(each)), edits, removed };
}

function addition(record: AuthorityRecord): BundleEdit {
  if (record.certificate !== undefined) return { op: "add-x509", certificate: record.certificate };
  return { op: "add-jwt", keyId: record.id, publicKey: record.publicKey, expiresAt: record.notAfter };
}

function removal(record: AuthorityRecord): BundleEdit {
  return record.certificate === undefined
    ? { op: "remove-jwt", keyId: record.id }
    : { op: "remove-x509", certificate: record.certificate };
}
