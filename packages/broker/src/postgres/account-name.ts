// SPDX-License-Identifier: Apache-2.0
import { LeaseError } from "../errors.ts";

const namePattern = /^[a-z][a-z0-9_]{0,62}$/;

/**
 * Name of a lease's role: prefix, task id and lease id with `_` for each `-`. Whoever reads `\du` or the database's log finds the record by it.
 * @throws {LeaseError} BAD_ACCOUNT when that is no plain lower-case name of at most 63 bytes
 */
export function accountName(prefix: string, taskId: string, leaseId: string): string {
  return assertAccountName(`${prefix}${taskId}_${leaseId}`.replaceAll("-", "_"), prefix);
}

/** Gives back a name that a lease of this prefix may have. @throws {LeaseError} BAD_ACCOUNT */
export function assertAccountName(name: string, prefix: string): string {
  if (namePattern.test(name) && name.startsWith(prefix) && name.length > prefix.length) return name;
  throw new LeaseError(
    "BAD_ACCOUNT",
    `an account's name is ${JSON.stringify(prefix)} and lower-case letters, digits and _`,
  );
}

/** The name that the server's list gives a lease's account, or the one that it has by rule. @throws {LeaseError} BAD_ACCOUNT */
export function accountOf(
  { account, taskId, id }: { readonly account: string; readonly taskId: string; readonly id: string },
  prefix: string,
): string {
  return account === "" ? accountName(prefix, taskId, id) : assertAccountName(account, prefix);
}
