// SPDX-License-Identifier: Apache-2.0
import type { EntryFilter } from "@mayfly/registration";
import type { EntryFilterMessage } from "@mayfly/rpc";
import { internal, invalidArgument, orInvalidArgument } from "../wire/refusal.ts";
import { parseMatchBehavior, parseSelectors } from "../wire/selector.ts";
import { type IdRules, parseIdFields, parseTrustDomainField } from "../wire/spiffe-id.ts";

type Filter = { -readonly [K in keyof EntryFilter]: EntryFilter[K] };

function unhandled(doing: string, what: string, match: string | number): Error {
  // SPIRE prints the number as a character.
  const shown = JSON.stringify(String.fromCodePoint(Number(match))).slice(1, -1);
  return internal(`failed to ${doing} entries: datastore-sql: unhandled ${what} match behavior '${shown}'`);
}

function selectorsOf(message: EntryFilterMessage, doing: string): Filter["selectors"] {
  const { by_selectors: by } = message;
  if (by === null || by === undefined) return undefined;
  if (by.selectors.length === 0) throw invalidArgument("malformed selectors filter: empty selector set");
  const selectors = orInvalidArgument("malformed selectors filter", () => parseSelectors(by.selectors));
  const match = parseMatchBehavior(by.match);
  if (match === undefined) throw unhandled(doing, "selectors", by.match);
  return { match, selectors };
}

function federatesWithOf(message: EntryFilterMessage, doing: string): Filter["federatesWith"] {
  const { by_federates_with: by } = message;
  if (by === null || by === undefined) return undefined;
  if (by.trust_domains.length === 0) throw invalidArgument("malformed federates with filter: empty trust domain set");
  const trustDomains = orInvalidArgument("malformed federates with filter", () =>
    by.trust_domains.map(parseTrustDomainField),
  );
  const match = parseMatchBehavior(by.match);
  if (match === undefined) throw unhandled(doing, "federates with", by.match);
  return { match, trustDomains };
}

/** `doing` is the verb of the failing call, for texts. @throws {StatusError} INVALID_ARGUMENT, INTERNAL */
export function parseEntryFilter(
  message: EntryFilterMessage | null | undefined,
  rules: IdRules,
  doing: "list" | "count",
): EntryFilter {
  if (message === null || message === undefined) return {};
  const { by_spiffe_id: bySpiffeId, by_parent_id: byParentId } = message;
  const filter: Filter = {};
  if (bySpiffeId) {
    filter.spiffeId = orInvalidArgument(
      "malformed SPIFFE ID filter",
      () => rules.workload(parseIdFields(bySpiffeId)).text,
    );
  }
  if (byParentId) {
    filter.parentId = orInvalidArgument(
      "malformed parent ID filter",
      () => rules.member(parseIdFields(byParentId)).text,
    );
  }
  filter.selectors = selectorsOf(message, doing);
  filter.federatesWith = federatesWithOf(message, doing);
  // An empty hint and "not downstream" select everything, as they do in SPIRE.
  if (message.by_hint?.value) filter.hint = message.by_hint.value;
  if (message.by_downstream?.value === true) filter.downstream = true;
  return filter;
}
