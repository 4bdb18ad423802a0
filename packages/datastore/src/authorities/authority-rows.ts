// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord, AuthoritySlot } from "@mayfly/ca";
import type { Selectable } from "kysely";
import type { Schema } from "../sqlite/schema.ts";

type AuthorityRow = Selectable<Schema["authorities"]>;

export function toRecord(row: AuthorityRow): AuthorityRecord {
  return {
    kind: row.kind as AuthorityKind,
    id: row.id,
    slot: row.slot as AuthoritySlot,
    keyRef: row.key_ref,
    publicKey: new Uint8Array(row.public_key),
    ...(row.certificate !== null && { certificate: new Uint8Array(row.certificate) }),
    notBefore: new Date(row.not_before),
    notAfter: new Date(row.not_after),
    tainted: row.tainted === 1,
    revoked: row.revoked === 1,
  };
}

export function toColumns(record: AuthorityRecord, position: number): AuthorityRow {
  return {
    kind: record.kind,
    position,
    id: record.id,
    slot: record.slot,
    key_ref: record.keyRef,
    public_key: record.publicKey,
    certificate: record.certificate ?? null,
    not_before: record.notBefore.getTime(),
    not_after: record.notAfter.getTime(),
    tainted: Number(record.tainted),
    revoked: Number(record.revoked),
  };
}
