// SPDX-License-Identifier: Apache-2.0
import type { LogRecord } from "@mayfly/journal";
import { expect } from "../suite.ts";

/** What somebody with the log's key could write: well signed, and it does not add up. */
export interface Lie {
  readonly what: string;
  /** What a judge has to say of it. */
  readonly code: string;
  readonly records: readonly LogRecord[];
}

type Test = (record: LogRecord) => boolean;

const isCall: Test = ({ kind, phase }) => kind === "call" && phase === "intent";
const actOf = ({ body }: LogRecord): unknown => body["act"];

/** Lies about a true record; each changes as little as it takes. */
export function lies(records: readonly LogRecord[]): Lie[] {
  const place = (test: Test): number => {
    const at = records.findIndex(test);
    expect(at >= 0, "the record has nothing to lie about");
    return at;
  };
  const without = (test: Test): LogRecord[] => records.toSpliced(place(test), 1);
  const changed = (test: Test, change: (record: LogRecord) => Partial<LogRecord>): LogRecord[] =>
    records.map((record, at) => (at === place(test) ? { ...record, ...change(record) } : record));
  const call = records[place(isCall)];
  const approved = records[place((record) => isCall(record) && record.approval !== undefined)];
  const again = (of: LogRecord | undefined): LogRecord[] =>
    records
      .filter(({ id }) => id === of?.id)
      .map((record) => ({ ...record, id: `${record.id}-2`, body: { ...record.body, decision_id: "another" } }));
  const at = records.at(-1)?.at ?? "";
  return [
    {
      what: "the outcome of a call is left out",
      code: "INTENT_WITHOUT_OUTCOME",
      records: without(({ id, phase }) => id === call?.id && phase === "outcome"),
    },
    {
      what: "a call has no intent",
      code: "OUTCOME_WITHOUT_INTENT",
      records: without(({ id, phase }) => id === call?.id && phase === "intent"),
    },
    {
      what: "an id comes twice",
      code: "DUPLICATE_ID",
      records: [
        ...records,
        ...records
          .filter(isCall)
          .slice(0, 1)
          .map((record) => ({ ...record, at })),
      ],
    },
    {
      what: "the start of a task is left out",
      code: "TASK_UNKNOWN",
      records: without((record) => record.phase === "intent" && actOf(record) === "start"),
    },
    {
      what: "a certificate that was never issued is shown",
      code: "SERIAL_UNKNOWN",
      records: changed(isCall, () => ({ serial: "c0ffee" })),
    },
    {
      what: "a certificate was issued after it was shown",
      code: "SERIAL_UNKNOWN",
      records: without(({ kind }) => kind === "issuance"),
    },
    {
      what: "no policy is named",
      code: "DECISION_UNKNOWN",
      records: changed(isCall, ({ body }) => ({ body: { ...body, policy_ids: [] } })),
    },
    { what: "an approval is used twice", code: "APPROVAL_TWICE", records: [...records, ...again(approved)] },
    {
      what: "nobody approved",
      code: "APPROVAL_MISSING",
      records: records.filter((record) => actOf(record) !== "approve" && record.body["state"] !== "approved"),
    },
    {
      what: "the owner approved",
      code: "APPROVED_BY_OWNER",
      records: changed(
        (record) => actOf(record) === "approve",
        () => ({ actor: "dana" }),
      ),
    },
    {
      what: "other arguments were approved",
      code: "APPROVAL_OF_ANOTHER",
      records: changed(
        (record) => actOf(record) === "request",
        () => ({ args_digest: `hmac-sha256:${"0".repeat(64)}` }),
      ),
    },
    {
      what: "a lease was given for no call",
      code: "LEASE_WITHOUT_CALL",
      records: changed(
        (record) => record.kind === "lease" && actOf(record) === "begin",
        ({ body }) => ({ body: { ...body, call: "c-none" } }),
      ),
    },
    {
      what: "a task is quiet although nothing shows the end of its lease",
      code: "QUIET_WITHOUT_EVIDENCE",
      records: without(({ kind, lease }) => kind === "grant" && lease !== undefined),
    },
    {
      what: "a call is made in a task that is over",
      code: "ACT_AFTER_END",
      records: [...records, ...again(call).map((record) => ({ ...record, at }))],
    },
    {
      what: "a child may do more than its parent",
      code: "SCOPE_WIDENS",
      records: changed(
        ({ phase, body }) => phase === "intent" && body["parent"] !== undefined && body["parent"] !== "",
        ({ body }) => ({
          body: { ...body, scope: { tools: [{ server: "orders", tool: "drop_table", effect: "irreversible" }] } },
        }),
      ),
    },
    {
      what: "time runs back",
      code: "TIME_RAN_BACK",
      records: records.map((record, index) =>
        index === records.length - 1
          ? { ...record, at: new Date(Date.parse(record.at) - 3_600_000).toISOString() }
          : record,
      ),
    },
  ];
}
