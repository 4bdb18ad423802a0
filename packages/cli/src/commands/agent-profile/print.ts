// SPDX-License-Identifier: Apache-2.0
import type { ProfileMessage } from "@mayfly/rpc";
import { instantJson, instantText } from "../../instants.ts";
import { printRecord } from "../../output.ts";
import { scopeLines } from "../task/print.ts";

/** Stable JSON form of an agent's profile. */
export function profileJson(profile: ProfileMessage): Record<string, unknown> {
  return {
    name: profile.name,
    owner: profile.owner,
    backup: profile.backup === "" ? null : profile.backup,
    tier: profile.tier,
    state: profile.state,
    selectors: profile.selectors,
    parent_id: profile.parent_id === "" ? null : profile.parent_id,
    expires_at: instantJson(profile.expires_at_ms),
    revision: Number(profile.revision),
    ceiling: JSON.parse(profile.ceiling_json) as unknown,
  };
}

/** A profile for people, every field. */
export function printProfile(profile: ProfileMessage): void {
  printRecord([
    ["Agent", profile.name],
    ["State", profile.state],
    ["Owner", profile.owner],
    ["Backup", profile.backup],
    ["Tier", profile.tier],
    ["Expires", instantText(profile.expires_at_ms)],
    ["Runs on", profile.parent_id],
    ["Selectors", profile.selectors.join(" ")],
    ...scopeLines(profile.ceiling_json).map((line, index): [string, string] => [index === 0 ? "At most" : "", line]),
  ]);
}
