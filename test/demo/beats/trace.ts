// SPDX-License-Identifier: Apache-2.0
import { deepEqual, equal, ok } from "node:assert/strict";
import type { Story } from "../story.ts";

/** A record as `mayfly log show --output json` prints it. */
export interface ShownRecord {
  readonly index: number;
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly actor?: string;
  readonly serial?: string;
  readonly approval?: string;
  readonly lease?: string;
  readonly decision?: string;
  readonly tool?: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What binds task, certificate, decision, approval, call and lease together; `approved` is the call that was approved. */
export function followTrace(
  records: readonly ShownRecord[],
  story: Story,
): { readonly lines: readonly string[]; readonly approved: ShownRecord } {
  const [serial, approval] = [story.get("serial"), story.get("approval")];
  const find = (what: string, fits: (record: ShownRecord) => boolean): ShownRecord => {
    const found = records.find(fits);
    ok(found !== undefined, `the record has no ${what}`);
    return found;
  };
  assertAllFinished(records);
  const issued = find("issuance of the certificate", (each) => each.kind === "issuance" && each.serial === serial);
  const lease = find("lease", ({ kind, phase }) => kind === "lease" && phase === "intent");
  const query = find("call that the lease was for", ({ id, phase }) => id === lease.body["call"] && phase === "intent");
  const denied = find("denial", (each) => each.kind === "decision" && each.body["code"] === "APPROVAL_NEEDED");
  const signed = find("approval by lee", (each) => each.kind === "approval" && each.actor === "lee");
  const approved = find("approved call", (each) => each.kind === "call" && each.approval === approval);
  const quiet = find("end", ({ kind }) => kind === "quiet");
  equal(lease.body["account"], story.get("role"));
  deepEqual([query.serial, denied.serial, approved.serial], [serial, serial, serial], "another certificate");
  deepEqual([denied.approval, signed.approval], [approval, approval], "another approval");
  const policies = ({ body }: ShownRecord): string => String(body["policy_ids"]);
  const lines = [
    line(issued, `certificate ${serial}`),
    line(query, `${String(query.tool)}, ${String(query.decision)} by ${policies(query)}, under that certificate`),
    line(lease, `${String(lease.lease)} for that call`),
    line(denied, `${String(denied.tool)}, deny APPROVAL_NEEDED, same certificate`),
    line(signed, `${approval} approved by lee`),
    line(
      approved,
      `${String(approved.tool)}, ${String(approved.decision)} by ${policies(approved)}, that approval, same certificate`,
    ),
    line(quiet, `${String(quiet.body["grants"])} grants proven to be gone`),
  ];
  return { lines, approved };
}

/** Whatever was let through has its outcome. */
function assertAllFinished(records: readonly ShownRecord[]): void {
  const calls = records.filter(({ kind }) => kind === "call");
  const outcomes = new Set(calls.filter(({ phase }) => phase === "outcome").map(({ id }) => id));
  for (const { id, phase } of calls) if (phase === "intent") ok(outcomes.has(id), `call ${id} has no outcome`);
}

function line({ index, kind }: ShownRecord, text: string): string {
  return `  ${String(index).padStart(3)}  ${kind.padEnd(9)} ${text}`;
}
