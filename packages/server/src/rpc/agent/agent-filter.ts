// SPDX-License-Identifier: Apache-2.0
import type { NodeFilter } from "@mayfly/registration";
import type { AgentFilter } from "@mayfly/rpc";
import { internal, orInvalidArgument } from "../wire/refusal.ts";
import { parseMatchBehavior, parseSelectors } from "../wire/selector.ts";

type Filter = { -readonly [K in keyof NodeFilter]: NodeFilter[K] };

/** Unix seconds of `2006-01-02 15:04:05 -0700 -07`; undefined for anything else, which then does not filter. */
function parseExpiresBefore(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d) [+-]\d\d$/.exec(text);
  if (match === null) return undefined;
  const at = Date.parse(`${match[1] ?? ""}T${match[2] ?? ""}${match[3] ?? ""}:${match[4] ?? ""}`);
  return Number.isNaN(at) ? undefined : at / 1000;
}

function selectorsOf(message: AgentFilter, doing: string): Filter["selectors"] {
  const { by_selector_match: by } = message;
  if (by === null || by === undefined) return undefined;
  if (by.selectors.length === 0) throw internal(`failed to ${doing} agents: cannot list by empty selectors set`);
  const selectors = orInvalidArgument("failed to parse selectors", () => parseSelectors(by.selectors));
  const match = parseMatchBehavior(by.match);
  if (match === undefined) throw internal(`failed to ${doing} agents: unhandled match behavior "${String(by.match)}"`);
  return { match, selectors };
}

/** `doing` is the verb of the failing call, for texts. @throws {StatusError} INVALID_ARGUMENT, INTERNAL */
export function parseAgentFilter(message: AgentFilter | null | undefined, doing: "list" | "count"): NodeFilter {
  if (message === null || message === undefined) return {};
  const filter: Filter = {};
  if (message.by_attestation_type !== "") filter.attestationType = message.by_attestation_type;
  if (message.by_banned) filter.banned = message.by_banned.value;
  if (message.by_can_reattest) filter.canReattest = message.by_can_reattest.value;
  filter.expiresBefore = parseExpiresBefore(message.by_expires_before);
  filter.selectors = selectorsOf(message, doing);
  return filter;
}
