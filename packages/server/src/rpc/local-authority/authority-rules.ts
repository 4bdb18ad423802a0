// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord } from "@mayfly/ca";
import { internal, invalidArgument } from "../wire/refusal.ts";

/** The authorities of one kind by their slots. */
export interface Slots {
  readonly kind: AuthorityKind;
  readonly active: AuthorityRecord | undefined;
  readonly prepared: AuthorityRecord | undefined;
  readonly old: AuthorityRecord | undefined;
  readonly records: readonly AuthorityRecord[];
}

export function slotsOf(kind: AuthorityKind, records: readonly AuthorityRecord[]): Slots {
  const at = (slot: AuthorityRecord["slot"]): AuthorityRecord | undefined => records.findLast((each) => each.slot === slot);
  return { kind, active: at("active"), prepared: at("prepared"), old: at("old"), records };
}

const names = {
  jwt: { authority: "JWT authority", item: "key", missing: "no JWT Key found with provided key ID" },
  x509: { authority: "X.509 authority", item: "root CA", missing: "no root CA found with provided subject key ID" },
};

/** @throws {StatusError} when `id` is not what may be activated */
export function checkActivate({ prepared, old }: Slots, id: string): void {
  if (id === "") throw invalidArgument("no authority ID provided");
  if (id === prepared?.id) return;
  if (id !== old?.id) throw invalidArgument("unexpected authority ID");
  throw internal("only Prepared authorities can be activated: unsupported local authority status: OLD");
}

/** @throws {StatusError} when `id` is not what may be tainted */
export function checkTaint({ kind, active, prepared, old }: Slots, id: string): void {
  if (id === "") throw invalidArgument("no authority ID provided");
  if (id === active?.id) throw invalidArgument("unable to taint current local authority");
  if (id === prepared?.id) {
    throw invalidArgument("only Old local authorities can be tainted: unsupported local authority status: PREPARED");
  }
  if (old === undefined || id !== old.id) throw invalidArgument("unexpected authority ID");
  const { authority, item } = names[kind];
  if (old.revoked) throw internal(`failed to taint ${authority}: ${names[kind].missing}`);
  if (old.tainted) throw internal(`failed to taint ${authority}: ${item} is already tainted`);
}

function revocable({ kind, prepared, old, records }: Slots, id: string): AuthorityRecord {
  if (kind === "x509") {
    if (old === undefined || id !== old.id) throw invalidArgument("invalid authority ID: only Old local authority can be revoked");
    return old;
  }
  if (id === prepared?.id) throw invalidArgument("invalid authority ID: unable to use a prepared key");
  const record = records.findLast((each) => each.id === id && (each === old || !each.revoked));
  if (record === undefined) throw invalidArgument("invalid authority ID: no JWT authority found with provided authority ID");
  return record;
}

/** @throws {StatusError} when `id` is not what may be revoked */
export function checkRevoke(slots: Slots, id: string): void {
  if (id === "") throw invalidArgument("invalid authority ID: no authority ID provided");
  if (id === slots.active?.id) throw invalidArgument("invalid authority ID: unable to use current authority");
  const record = revocable(slots, id);
  const { authority, item, missing } = names[slots.kind];
  if (record.revoked) throw internal(`failed to revoke ${authority}: ${missing}`);
  if (!record.tainted) throw internal(`failed to revoke ${authority}: it is not possible to revoke an untainted ${item}`);
}
