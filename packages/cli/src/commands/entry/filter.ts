// SPDX-License-Identifier: Apache-2.0
import { Option, type Command } from "commander";
import type { SpiffeIdMessage } from "@mayfly/rpc";
import { repeated, selector, spiffeId, trustDomain } from "../../values.ts";

/** Filters of `entry list`, `entry show` and `entry count`, as parsed. */
export interface EntryFilterOptions {
  readonly spiffeId?: SpiffeIdMessage;
  readonly parentId?: SpiffeIdMessage;
  readonly selector?: readonly { type: string; value: string }[];
  readonly match: string;
  readonly hint?: string;
  readonly downstream?: boolean;
  readonly federatesWith?: readonly string[];
}

/** `--match` of every command that filters by a set. */
export function matchOption(): Option {
  return new Option("--match <how>", "how the selectors given relate to those of a match")
    .choices(["exact", "subset", "superset", "any"])
    .default("superset");
}

/** Wire name of a match behaviour. */
export function matchBehavior(how: string): string {
  return `MATCH_${how.toUpperCase()}`;
}

/** Adds the filters of `entry list` and `entry count`. */
export function withEntryFilter(command: Command): Command {
  return command
    .option("--spiffe-id <id>", "entries with this SPIFFE ID", spiffeId)
    .option("--parent-id <id>", "entries below this parent", spiffeId)
    .option("--selector <type:value>", "entries with these selectors; repeatable", repeated(selector))
    .addOption(matchOption())
    .option("--hint <text>", "entries with this hint")
    .option("--downstream", "entries of servers below this one")
    .option("--federates-with <trust domain>", "entries that federate with these; repeatable", repeated(trustDomain));
}

/** The filter message of the options given. */
export function entryFilter(options: EntryFilterOptions): Record<string, unknown> {
  const match = matchBehavior(options.match);
  return {
    ...(options.spiffeId === undefined ? {} : { by_spiffe_id: options.spiffeId }),
    ...(options.parentId === undefined ? {} : { by_parent_id: options.parentId }),
    ...(options.selector === undefined ? {} : { by_selectors: { selectors: options.selector, match } }),
    ...(options.hint === undefined ? {} : { by_hint: { value: options.hint } }),
    ...(options.downstream === undefined ? {} : { by_downstream: { value: options.downstream } }),
    ...(options.federatesWith === undefined
      ? {}
      : { by_federates_with: { trust_domains: options.federatesWith, match } }),
  };
}
