// SPDX-License-Identifier: Apache-2.0
import { accountAlarms, type BackendAccount } from "@mayfly/tasks";
import type { TaskLayer } from "../task-layer.ts";

/** Tells, in the log and in the record, which alarms of accounts are new since they were seen before. */
export async function tellAlarms(
  { clock, logger, recorder }: TaskLayer,
  broker: string,
  { before, after }: { readonly before: readonly BackendAccount[]; readonly after: readonly BackendAccount[] },
): Promise<void> {
  const told = new Map(before.map((each) => [each.account, accountAlarms(each, each.lastSeenAt)]));
  for (const each of after) {
    const alarms = accountAlarms(each, clock.now()).filter((alarm) => told.get(each.account)?.includes(alarm) !== true);
    // That one is unowned is told with all that are new.
    const fresh = alarms.filter((alarm) => alarm === "EXPIRED" || alarm === "OLD_PASSWORD");
    if (fresh.length === 0) continue;
    const { target, account, adoption } = each;
    const owner = adoption?.owner ?? "";
    logger.warn("account_alarm", { target, account, owner, alarms: fresh.join(" ") });
    await recorder.note({
      kind: "grant",
      actor: broker,
      body: { act: "account-alarm", target, account, owner, alarms: fresh },
    });
  }
}
