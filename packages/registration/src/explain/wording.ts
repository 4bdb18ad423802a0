// SPDX-License-Identifier: Apache-2.0
import type { RegistrationEntry } from "../registration-entry.ts";
import { formatSelector, type Selector } from "../selector.ts";
import { SelectorSet } from "../selector-set.ts";
import type { Finding, FindingCode } from "./finding.ts";
import { taskSelectorType } from "../task-selector.ts";
import { unixKind } from "./unix-kinds.ts";

/** A finding about one entry. */
export function aboutEntry(code: FindingCode, entry: RegistrationEntry, message: string, hint: string): Finding {
  return { code, message, hint, entryId: entry.id, spiffeId: entry.spiffeId, nodeId: "" };
}

/** A finding about one node. */
export function aboutNode(code: FindingCode, nodeId: string, message: string, hint: string): Finding {
  return { code, message, hint, entryId: "", spiffeId: "", nodeId };
}

/** A selector as it is shown: control characters can't get to a terminal. */
export function shown(selector: Selector): string {
  return quoteWord(formatSelector(selector));
}

/** Several selectors in a sentence. */
export function shownList(selectors: Iterable<Selector>): string {
  return [...selectors].map(shown).join(" and ");
}

/** A word for a shell, quoted where it is not plain. */
function quoteWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  return /^[\u0020-\u007e]+$/.test(text) ? `'${text.replaceAll("'", String.raw`'\''`)}'` : JSON.stringify(text);
}

/** The part of a selector's value that says what it is about: `uid` of `unix:uid:1000`; empty when there is none. */
export function kindOf({ value }: Selector): string {
  return value.slice(0, Math.max(0, value.indexOf(":")));
}

/** What follows the kind: `1000` of `unix:uid:1000`. */
export function shownValue(selector: Selector): string {
  return quoteWord(selector.value.slice(kindOf(selector).length + 1));
}

/** Those of `selectors` that are about the same as `selector`. */
export function ofSameKind(selector: Selector, selectors: Iterable<Selector>): readonly Selector[] {
  return [...selectors].filter((other) => other.type === selector.type && kindOf(other) === kindOf(selector));
}

/** What could be demanded instead: the same kind, or the one that says the same (a user's number for a name that it has not). */
function standIns(selector: Selector, present: SelectorSet): readonly Selector[] {
  const twin = selector.type === "unix" ? unixKind(kindOf(selector))?.twin : undefined;
  const twins = twin === undefined ? [] : ofSameKind({ type: "unix", value: `${twin}:` }, present);
  return [...ofSameKind(selector, present), ...twins];
}

/** The command that makes an entry demand no more than what is there, keeping what it can; undefined when nothing would remain, or it is a task's entry. */
export function adjustCommand(entry: RegistrationEntry, present: SelectorSet): string | undefined {
  if (entry.selectors.some(({ type }) => type === taskSelectorType)) return undefined;
  const kept = entry.selectors.flatMap((selector) =>
    present.has(selector) ? [selector] : standIns(selector, present).slice(0, 1),
  );
  const options = [...SelectorSet.of(kept)].map((selector) => `--selector ${shown(selector)}`);
  return options.length === 0 ? undefined : `mayfly entry update ${entry.id} ${options.join(" ")}`;
}
