// SPDX-License-Identifier: Apache-2.0

/** What is wrong with names or nesting. */
export type NameProblem = "TOO_DEEP" | "NAME_TWICE" | "NAME_CASE" | "NAME_FORBIDDEN";

const maxDepth = 32;
const quote = 0x22;
const backslash = 0x5c;
// oxlint-disable-next-line no-control-regex -- these are what it is for
const control = /[\u0000-\u001f\u007f]/;
/** Where this language itself reads something else into a name. */
const inherited: ReadonlySet<string> = new Set(["__proto__"]);

interface Level {
  /** Exact names by their folded form; undefined in a list. */
  readonly names: Map<string, string> | undefined;
}

/** Looks at the names of each object in a text that JSON.parse has accepted: JSON.parse itself keeps the last of two equal ones. */
export function scanNames(text: string): NameProblem | undefined {
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = endOfText(text, at);
      const names = levels.at(-1)?.names;
      if (names !== undefined && isName(text, end)) {
        const problem = take(names, JSON.parse(text.slice(at, end + 1)) as string);
        if (problem !== undefined) return problem;
      }
      at = end;
    } else if (code === 0x7b || code === 0x5b) {
      levels.push({ names: code === 0x7b ? new Map() : undefined });
      if (levels.length > maxDepth) return "TOO_DEEP";
    } else if (code === 0x7d || code === 0x5d) {
      levels.pop();
    }
  }
  return undefined;
}

function endOfText(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
}

/** Whether the text that ends here is a name and not a value. */
function isName(text: string, end: number): boolean {
  let at = end + 1;
  while (" \t\r\n".includes(text.charAt(at)) && at < text.length) at++;
  return text.charAt(at) === ":";
}

function take(names: Map<string, string>, name: string): NameProblem | undefined {
  if (control.test(name) || !name.isWellFormed() || inherited.has(name)) return "NAME_FORBIDDEN";
  // Upper case first: so that ſ and s, which case-insensitive readers take for one, meet.
  const folded = name.toUpperCase().toLowerCase();
  const known = names.get(folded);
  if (known === undefined) {
    names.set(folded, name);
    return undefined;
  }
  return known === name ? "NAME_TWICE" : "NAME_CASE";
}
