// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "../registration-entry.ts";
import type { Selector } from "../selector.ts";
import type { SelectorSet } from "../selector-set.ts";
import type { Finding, FindingCode } from "./finding.ts";
import { aboutEntry, adjustCommand, kindOf, ofSameKind, shown, shownList } from "./wording.ts";

/** What differs, by kind of `unix` selector, and what to do about it on the side of the process. */
const unixKinds: ReadonlyMap<string, readonly [FindingCode, (value: string) => string]> = new Map([
  ["uid", ["WRONG_UID", (value: string) => `run the process as uid ${value}`]],
  ["user", ["WRONG_USER", (value: string) => `run the process as user ${value}`]],
  ["gid", ["WRONG_GROUP", (value: string) => `run the process with primary gid ${value}`]],
  ["group", ["WRONG_GROUP", (value: string) => `run the process with primary group ${value}`]],
  ["supplementary_gid", ["MISSING_GROUP", (value: string) => `add the process to the group with gid ${value}`]],
  ["supplementary_group", ["MISSING_GROUP", (value: string) => `add the process to group ${value}`]],
  ["path", ["WRONG_PATH", (value: string) => `start the program from ${value}`]],
  ["sha256", ["WRONG_BINARY", (value: string) => `run the build whose SHA-256 is ${value}`]],
]);

/** One finding for each selector that the entry demands and the process lacks. */
export function selectorFindings(entry: RegistrationEntry, attested: SelectorSet): Finding[] {
  const command = adjustCommand(entry, attested);
  return attested.missing(entry.selectors).map((selector) => {
    const { code, message, change } = lacking(entry, selector, attested);
    return aboutEntry(code, entry, message, command === undefined ? change : `${change}, or: ${command}`);
  });
}

interface Lack {
  readonly code: FindingCode;
  readonly message: string;
  readonly change: string;
}

function lacking(entry: RegistrationEntry, selector: Selector, attested: SelectorSet): Lack {
  const present = ofSameKind(selector, attested);
  const known = selector.type === "unix" ? unixKinds.get(kindOf(selector)) : undefined;
  const sometimesAbsent = known?.[0] === "MISSING_GROUP";
  if (present.length === 0 && !sometimesAbsent) return notAttested(entry, selector, attested);
  const has = present.length === 0 ? "none of that kind" : shownList(present);
  const [code, change] = known ?? ["MISSING_SELECTOR", undefined];
  const value = shown({ ...selector, value: selector.value.slice(kindOf(selector).length + 1) });
  return {
    code,
    message: `entry ${entry.id} needs ${shown(selector)}, the process has ${has}`,
    change: change?.(value.slice(value.indexOf(":") + 1)) ?? `give the process ${shown(selector)}`,
  };
}

function notAttested(entry: RegistrationEntry, selector: Selector, attested: SelectorSet): Lack {
  const hasType = [...attested].some(({ type }) => type === selector.type);
  const what = hasType ? `${selector.type}:${kindOf(selector)}` : `${selector.type}:`;
  const kind = kindOf(selector);
  const option = kind === "path" || kind === "sha256" ? `unix: { ${kind}: true }` : selector.type;
  return {
    code: hasType && kind === "" ? "MISSING_SELECTOR" : "SELECTOR_NOT_ATTESTED",
    message: `entry ${entry.id} needs ${shown(selector)}, and the agent found no ${what} selectors for the process`,
    change: `turn on the agent's workload attestor (workload_attestors: ${option}) if it is off`,
  };
}
