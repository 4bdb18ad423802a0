// SPDX-License-Identifier: Apache-2.0
// Writes docs/errors.md, docs/conformance.md and docs/attacks.md. With --check nothing is written; the exit code is 1 when a file is not
// what would be written, or when a row that must have a test has none. Names of documents narrow both: `generate.mjs --check errors`.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { attacksDocument } from "./generate/attacks.mjs";
import { conformanceDocument } from "./generate/conformance.mjs";
import { errorsDocument } from "./generate/errors.mjs";
import { root } from "./generate/root.mjs";
import { testFilesById } from "./generate/test-ids.mjs";

const documents = {
  errors: () => ({ text: errorsDocument(), problems: [] }),
  conformance: () => conformanceDocument(testFilesById()),
  attacks: () => attacksDocument(testFilesById()),
};

const words = process.argv.slice(2);
const isCheck = words.includes("--check");
const names = words.filter((word) => word !== "--check");

for (const name of names.length > 0 ? names : Object.keys(documents)) {
  const { text, problems } = documents[name]();
  const path = join(root, "docs", `${name}.md`);
  if (!isCheck) writeFileSync(path, text);
  else if (!existsSync(path) || readFileSync(path, "utf8") !== text)
    problems.push(`docs/${name}.md is not what the sources say: node --run generate`);
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  if (problems.length > 0) process.exitCode = 1;
}
