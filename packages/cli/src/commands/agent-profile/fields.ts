// SPDX-License-Identifier: Apache-2.0
import { type Command, Option } from "commander";
import type { ProfileMessage, SelectorMessage, Sent, SpiffeIdMessage } from "@mayfly/rpc";
import { usageFailure } from "../../failure.ts";
import { duration, idText, instant, repeated, selector, spiffeId } from "../../values.ts";
import { scopeJsonOf } from "../task/scope-file.ts";

/** What a profile consists of, as options. */
export interface ProfileOptions {
  readonly owner?: string;
  readonly backup?: string;
  readonly tier?: string;
  readonly ceiling?: string;
  readonly selector?: readonly SelectorMessage[];
  readonly parentId?: SpiffeIdMessage;
  readonly expiresIn?: number;
  readonly expiresAt?: number;
}

/** Adds the options of a profile's fields. */
export function withProfileFields(command: Command): Command {
  return command
    .option("--owner <operator>", "who answers for the agent")
    .option("--backup <operator>", "who does when the owner can't")
    .addOption(new Option("--tier <tier>", "how deep control goes").choices(["T0", "T1", "T2", "T3"]))
    .option("--ceiling <file>", "the most that any of its tasks may do, a scope in YAML or JSON; - = standard input")
    .option("--selector <type:value>", "what its processes must be; repeatable, all count", repeated(selector))
    .option("--parent-id <id>", "SPIFFE ID of the node or node alias that it runs on", spiffeId)
    .option("--expires-in <duration>", "when somebody has to renew it, from now", duration)
    .option("--expires-at <time>", "the same as a time", instant);
}

/** When something ends, Unix milliseconds, from either option; undefined when neither is given. @throws {CliFailure} USAGE for both */
export function endOf({ expiresIn, expiresAt }: Pick<ProfileOptions, "expiresIn" | "expiresAt">): string | undefined {
  if (expiresIn !== undefined && expiresAt !== undefined) throw usageFailure("--expires-in excludes --expires-at");
  if (expiresIn !== undefined) return String(Date.now() + expiresIn * 1000);
  return expiresAt === undefined ? undefined : String(expiresAt * 1000);
}

/** The fields that options were given for. @throws {CliFailure} USAGE, SCOPE_INVALID */
export function profileFields(options: ProfileOptions): Sent<ProfileMessage> {
  const { owner, backup, tier, ceiling, parentId } = options;
  const fields = {
    owner,
    backup,
    tier,
    ceiling_json: ceiling === undefined ? undefined : scopeJsonOf(ceiling),
    selectors: options.selector?.map(({ type, value }) => `${type}:${value}`),
    parent_id: parentId === undefined ? undefined : idText(parentId),
    expires_at_ms: endOf(options),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
