// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "../registration-entry.ts";
import type { Selector } from "../selector.ts";
import type { SelectorSet } from "../selector-set.ts";
import { taskSelectorType } from "../task-selector.ts";
import type { Finding, FindingCode } from "./finding.ts";
import { similarUnixKind, unixKind } from "./unix-kinds.ts";
import { aboutEntry, adjustCommand, kindOf, ofSameKind, shown, shownList, shownValue } from "./wording.ts";

interface Lack {
  readonly code: FindingCode;
  /** What the process has instead. */
  readonly has: string;
  /** The change on the side of the process or its node. */
  readonly change: string;
}

/** One finding for each selector that the entry demands and the process lacks. */
export function selectorFindings(entry: RegistrationEntry, attested: SelectorSet): Finding[] {
  const command = adjustCommand(entry, attested);
  return attested.missing(entry.selectors).map((selector) => {
    const { code, has, change } = lack(entry, selector, attested);
    const hint = command === undefined ? change : `${change}, or: ${command}`;
    return aboutEntry(code, entry, `entry ${entry.id} needs ${shown(selector)}, ${has}`, hint);
  });
}

function lack(entry: RegistrationEntry, selector: Selector, attested: SelectorSet): Lack {
  if (selector.type === taskSelectorType) return lackOfTask(selector, attested);
  if (![...attested].some(({ type }) => type === selector.type)) return withoutType(selector);
  return selector.type === "unix" ? lackOfUnix(entry, selector, attested) : lackOfOther(selector, attested);
}

/** What an entry demands of a task is never the thing to change: the process has to show the task's ticket. */
function lackOfTask(selector: Selector, attested: SelectorSet): Lack {
  const bound = [...attested].filter(({ type }) => type === taskSelectorType);
  const change = `start the process with the ticket of ${shownValue(selector)}: mayfly task exec --ticket-file FILE -- COMMAND`;
  if (bound.length > 0) return { code: "WRONG_TASK", has: `the process has ${shownList(bound)}`, change };
  return { code: "TASK_NOT_BOUND", has: "which needs a ticket: no task bound", change };
}

function withoutType({ type }: Selector): Lack {
  const change = `turn on the agent's workload attestor (workload_attestors: ${type}) if it is off`;
  return { code: "SELECTOR_NOT_ATTESTED", has: `and the agent found no ${type}: selectors for the process`, change };
}

function lackOfUnix(entry: RegistrationEntry, selector: Selector, attested: SelectorSet): Lack {
  const name = kindOf(selector);
  const kind = unixKind(name);
  if (kind === undefined) return misspelt(entry, selector);
  const present = ofSameKind(selector, attested);
  if (present.length === 0 && kind.none === undefined) {
    const change = `turn on what is off in the agent's attestor (workload_attestors: unix: { ${name}: true })`;
    return {
      code: "SELECTOR_NOT_ATTESTED",
      has: `and the agent found no unix:${name} selectors for the process`,
      change,
    };
  }
  const has = present.length === 0 ? (kind.none ?? "") : shownList(present);
  return { code: kind.code, has: `the process has ${has}`, change: kind.change(shownValue(selector)) };
}

function misspelt(entry: RegistrationEntry, selector: Selector): Lack {
  const name = kindOf(selector);
  const meant = similarUnixKind(name);
  const corrected = { type: "unix", value: `${meant ?? ""}:${selector.value.slice(name.length + 1)}` };
  const rest = entry.selectors.filter((other) => other !== selector && shown(other) !== shown(selector));
  const options = [corrected, ...rest].map((other) => `--selector ${shown(other)}`).join(" ");
  return {
    code: "SELECTOR_NOT_ATTESTED",
    has: "and the unix attestor gives no selectors of that kind",
    change:
      meant === undefined
        ? "see the selectors that it gives: mayfly explain --pid PID"
        : `write ${shown(corrected)}: mayfly entry update ${entry.id} ${options}`,
  };
}

function lackOfOther(selector: Selector, attested: SelectorSet): Lack {
  const present = ofSameKind(selector, attested);
  const change = `give the process ${shown(selector)}`;
  if (present.length > 0) return { code: "MISSING_SELECTOR", has: `the process has ${shownList(present)}`, change };
  return { code: "MISSING_SELECTOR", has: "the process has none of that kind", change };
}
