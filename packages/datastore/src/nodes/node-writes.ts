// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "@mayfly/registration";
import type { WriteTransaction } from "../sqlite/write-transaction.ts";
import { selectorMembers } from "../sqlite/selector-filter.ts";
import { get } from "./node-reads.ts";

function changed(tx: WriteTransaction, id: string): true {
  tx.record({ kind: "node", id, node: get(tx.db, id) });
  return true;
}

/** False when the node is banned. */
export function attest(tx: WriteTransaction, node: AttestedNode): boolean {
  const { db } = tx;
  const columns = {
    attestation_type: node.attestationType,
    serial_number: node.serialNumber,
    expires_at: node.expiresAt,
    new_serial_number: node.newSerialNumber,
    new_expires_at: node.newExpiresAt,
    can_reattest: Number(node.canReattest),
    agent_version: node.agentVersion,
  };
  const query = db.build
    .insertInto("nodes")
    .values({ id: node.id, ...columns })
    .onConflict((conflict) => conflict.column("id").doUpdateSet(columns).where("nodes.serial_number", "<>", ""))
    .returning("row_id");
  const row = db.first(query);
  if (row === undefined) return false;
  const owner = row.row_id;
  db.run(db.build.deleteFrom("node_selectors").where("owner", "=", owner));
  for (const [position, [type = "", value = ""]] of selectorMembers(node.selectors).entries()) {
    db.run(db.build.insertInto("node_selectors").values({ owner, position, type, value }));
  }
  return changed(tx, node.id);
}

export function setPending(
  tx: WriteTransaction,
  { id, serialNumber, expiresAt }: { id: string; serialNumber: string; expiresAt: number },
): boolean {
  const query = tx.db.build
    .updateTable("nodes")
    .set({ new_serial_number: serialNumber, new_expires_at: expiresAt })
    .where("id", "=", id)
    .where("serial_number", "<>", "");
  return tx.db.run(query) === 1 && changed(tx, id);
}

export function promote(tx: WriteTransaction, { id, serialNumber }: { id: string; serialNumber: string }): boolean {
  const query = tx.db.build
    .updateTable("nodes")
    .set((eb) => ({
      serial_number: eb.ref("new_serial_number"),
      expires_at: eb.ref("new_expires_at"),
      new_serial_number: "",
      new_expires_at: 0,
    }))
    .where("id", "=", id)
    .where("new_serial_number", "=", serialNumber)
    .where("new_serial_number", "<>", "")
    .where("serial_number", "<>", "");
  return tx.db.run(query) === 1 && changed(tx, id);
}

/** The end of the last SVID stays on record. */
export function ban(tx: WriteTransaction, id: string): boolean {
  const columns = { serial_number: "", new_serial_number: "", new_expires_at: 0 };
  return tx.db.run(tx.db.build.updateTable("nodes").set(columns).where("id", "=", id)) === 1 && changed(tx, id);
}

function remove(tx: WriteTransaction, id: string): boolean {
  return tx.db.run(tx.db.build.deleteFrom("nodes").where("id", "=", id)) === 1 && changed(tx, id);
}

/** `before` in Unix seconds. A renewed SVID that was not used yet keeps its node, too. */
export function purge(
  tx: WriteTransaction,
  { before, includeBanned }: { before: number; includeBanned: boolean },
): readonly string[] {
  const over = tx.db.build
    .deleteFrom("nodes")
    .where("expires_at", "<", before)
    .where("new_expires_at", "<", before)
    .where("can_reattest", "=", 0)
    .$if(!includeBanned, (query) => query.where("serial_number", "<>", ""))
    .returning("id");
  const ids = tx.db.all(over).map(({ id }) => id);
  for (const id of ids) changed(tx, id);
  return ids;
}

export { remove as delete };
