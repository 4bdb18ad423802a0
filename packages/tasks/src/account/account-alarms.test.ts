// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { accountAlarms } from "./account-alarms.ts";
import type { BackendAccount } from "./backend-account.ts";

const now = new Date("2026-11-25T00:00:00Z");
const days = (count: number): Date => new Date(now.getTime() + count * 86_400_000);
const seen = { target: "orders", account: "old_app", firstSeenAt: days(-30), lastSeenAt: now };
const plain: BackendAccount = { ...seen, canLogIn: true, isLegacy: false };
const adoption = { owner: "dana", expiresAt: days(10), adoptedBy: "root" };

describe("alarms of an account that no lease explains", () => {
  it.each<readonly [string, Partial<BackendAccount>, readonly string[]]>([
    ["nobody answers for it", {}, ["UNOWNED"]],
    ["whoever runs the broker named it", { isLegacy: true }, []],
    ["it is adopted", { adoption }, []],
    ["its adoption is over", { adoption: { ...adoption, expiresAt: now } }, ["EXPIRED"]],
    ["it was seen for more than 90 days", { adoption, firstSeenAt: days(-91) }, ["OLD_PASSWORD"]],
    ["it got a new password since", { adoption, firstSeenAt: days(-91), rotatedAt: days(-1) }, []],
    ["the new one is old, too", { adoption, firstSeenAt: days(-300), rotatedAt: days(-91) }, ["OLD_PASSWORD"]],
    ["it can't log in", { canLogIn: false, firstSeenAt: days(-91) }, []],
    [
      "an order failed, though it can't log in",
      { canLogIn: false, order: { id: "o", kind: "isolate", verifier: "", orderedAt: now, problem: "no right" } },
      ["ORDER_FAILED"],
    ],
    ["an order waits", { adoption, order: { id: "o", kind: "rotate", verifier: "v", orderedAt: now } }, []],
  ])("when %s", (_what, fields, alarms) => {
    expect(accountAlarms({ ...plain, ...fields }, now)).toEqual(alarms);
  });
});
