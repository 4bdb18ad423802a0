// SPDX-License-Identifier: Apache-2.0
import type { AccountName, BackendAccount } from "@mayfly/tasks";
import type { Connection } from "../sqlite/connection.ts";
import { findAccount, toAccount } from "./account-rows.ts";

export function get(db: Connection, name: AccountName): BackendAccount | undefined {
  return findAccount(db, name);
}

export function list(db: Connection, { target }: { target?: string | undefined }): readonly BackendAccount[] {
  const all = db.build.selectFrom("unmanaged_accounts").selectAll().orderBy("target").orderBy("account");
  return db.all(target === undefined ? all : all.where("target", "=", target)).map(toAccount);
}
