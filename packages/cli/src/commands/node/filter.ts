// SPDX-License-Identifier: Apache-2.0
import type { Command } from "commander";
import { instant, repeated, selector } from "../../values.ts";
import { matchBehavior, matchOption } from "../entry/filter.ts";

/** Filters of `node list` and `node count`, as parsed. */
export interface NodeFilterOptions {
  readonly attestationType?: string;
  readonly selector?: readonly { type: string; value: string }[];
  readonly match: string;
  readonly banned?: boolean;
  readonly expiresBefore?: number;
  readonly canReattest?: boolean;
}

/** Adds the filters of `node list` and `node count`. */
export function withNodeFilter(command: Command): Command {
  return command
    .option("--attestation-type <type>", "nodes that attested by this method")
    .option("--selector <type:value>", "nodes with these selectors; repeatable", repeated(selector))
    .addOption(matchOption())
    .option("--banned", "banned nodes only")
    .option("--no-banned", "nodes that are not banned")
    .option("--expires-before <time>", "nodes whose SVID ends before this time (RFC 3339)", instant)
    .option("--can-reattest", "nodes that can attest again by themselves")
    .option("--no-can-reattest", "nodes that can't");
}

/** The filter message of the options given. */
export function nodeFilter(options: NodeFilterOptions): Record<string, unknown> {
  const before = options.expiresBefore;
  return {
    ...(options.attestationType === undefined ? {} : { by_attestation_type: options.attestationType }),
    ...(options.selector === undefined
      ? {}
      : { by_selector_match: { selectors: options.selector, match: matchBehavior(options.match) } }),
    ...(options.banned === undefined ? {} : { by_banned: { value: options.banned } }),
    ...(options.canReattest === undefined ? {} : { by_can_reattest: { value: options.canReattest } }),
    // The server API takes this layout: 2006-01-02 15:04:05 -0700 -07
    ...(before === undefined
      ? {}
      : { by_expires_before: `${new Date(before * 1000).toISOString().slice(0, 19).replace("T", " ")} +0000 +00` }),
  };
}
