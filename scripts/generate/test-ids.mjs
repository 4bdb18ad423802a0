// SPDX-License-Identifier: Apache-2.0
// Which test files carry which ids of conformance rows (X509-23) and attack cases (MTL-D11) in the titles of their tests.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "./root.mjs";

/** Comments, then string and template literals: the first alternative that fits at a place is what stands there. */
const token = /\/\/[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`/g;

const prefix = "(?:[A-Z]{2,}[0-9]*|ID|TD|X509)";
/** An id, and what may follow to name more: `X509-24/25`, `X509-40…44`, `X509-40 to X509-44`. */
const named = new RegExp(
  `(?<![A-Za-z0-9-])(${prefix})-(D?)(\\d{2})((?:\\/-?\\d{2})*)(?:(?: to |…|\\.\\.|–)(?:\\1-)?\\2(\\d{2}))?(?![A-Za-z0-9])`,
  "g",
);

function pad(number) {
  return String(number).padStart(2, "0");
}

/** Every id that a title names: single ones, lists and ranges. @public */
export function idsIn(title) {
  const ids = [];
  for (const [, family, mark, first, more, last] of title.matchAll(named)) {
    const numbers = [first, ...more.split(/\/-?/).filter((part) => part !== "")];
    for (let number = Number(first) + 1; number <= Number(last ?? 0); number += 1) numbers.push(pad(number));
    ids.push(...numbers.map((number) => `${family}-${mark}${number}`));
  }
  return ids;
}

/** Text of every string in a source: titles, and the cells of the tables that titles are made of. @public */
export function stringsIn(source) {
  return [...source.matchAll(token)].map(([, double, single, template]) => double ?? single ?? template ?? "");
}

/** Ids there are material: of the command that judges any endpoint, and of the test of this module. */
const material = ["packages/cli/test/conformance/", "test/architecture/test-ids.test.ts"];
const generated = new Set(["node_modules", "dist", "target"]);

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (generated.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

function isTest(path) {
  if (material.some((each) => path.startsWith(each)) || !path.endsWith(".ts")) return false;
  return path.endsWith(".test.ts") || /^(?:packages\/[^/]+\/test|packages\/testkit\/src\/contract|test)\//.test(path);
}

/** Files by id, sorted; paths from the root of the checkout. */
export function testFilesById() {
  const files = [...filesBelow(join(root, "packages")), ...filesBelow(join(root, "test"))].map((path) =>
    relative(root, path),
  );
  const found = new Map();
  for (const file of files.filter(isTest).toSorted((a, b) => (a < b ? -1 : 1))) {
    for (const id of stringsIn(readFileSync(join(root, file), "utf8")).flatMap(idsIn)) {
      if (found.get(id)?.at(-1) !== file) found.set(id, [...(found.get(id) ?? []), file]);
    }
  }
  return found;
}
