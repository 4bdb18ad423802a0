// SPDX-License-Identifier: Apache-2.0
// docs/conformance.md: every row of the SPIFFE conformance list with the tests that carry its id, or why there is none.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./root.mjs";

const families = [
  ["ID", "SPIFFE IDs (SPIFFE-ID §2)"],
  ["TD", "Trust domains (SPIFFE-ID §2)"],
  ["SVID", "SVIDs in general (SPIFFE-ID §3, §4)"],
  ["X509", "X509-SVID"],
  ["JWT", "JWT-SVID"],
  ["WIT", "WIT-SVID (incubating)"],
  ["WPT", "Proof of possession by token (incubating)"],
  ["HSIG", "Proof of possession by HTTP signature (incubating)"],
  ["BUNDLE", "Trust bundles"],
  ["MAP", "Bundle maps"],
  ["ENDPOINT", "Workload Endpoint"],
  ["WLAPI", "Workload API"],
  ["FED", "Federation"],
  ["BROKER", "Broker Endpoint and Broker API (incubating)"],
  ["STAB", "Stability"],
];

const intro = `# Conformance with the SPIFFE standards

Generated from the titles of the tests and from \`docs/conformance/rows.json\` by \`node --run generate\`; don't edit. The rows are
requirements of the standards at spiffe/spiffe@665a28f, in our words. Who must keep them: I issuer, V validator, S Workload API server,
C client library, F and G the two ends of federation, B and K those of the Broker API.

Every row for validators and clients has a test or the reason why it can't apply; a test of this repository holds that. Rows for servers
may have a run of \`mayfly workload conformance\` in place of a test: [our agent](conformance/mayfly.md), and
[spire-agent](conformance/spire-agent-1.13.3.md) for comparison.
`;

/** Ids that the published run of our agent has with a verdict. */
function judgedIds() {
  const path = join(root, "docs", "conformance", "mayfly.md");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const rows = [...text.matchAll(/^\| ([A-Z0-9]+-\d+) \| [A-Z]+ \| (pass|fail|warn) \|/gm)];
  const bad = new Set(rows.filter(([, , verdict]) => verdict !== "pass").map(([, id]) => id));
  return new Set(rows.map(([, id]) => id).filter((id) => !bad.has(id)));
}

/** Whether a validator or a client must keep the row. */
function isForLibraries({ who }) {
  return who.some((each) => each === "V" || each === "C" || each === "All");
}

function evidenceOf({ id, who, reason }, { files, judged }) {
  const tests = (files.get(id) ?? []).map((file) => `[${file.replace(/^packages\//, "")}](../${file})`);
  const run =
    who.some((each) => each === "S" || each === "I") && judged.has(id) ? ["[run](conformance/mayfly.md)"] : [];
  const evidence = [...tests, ...run].join("<br>");
  return evidence === "" ? (reason ?? "–") : evidence;
}

function familyOf(id) {
  return id.slice(0, id.lastIndexOf("-"));
}

function section([family, title], rows, evidence) {
  const lines = rows
    .filter(({ id }) => familyOf(id) === family)
    .map((row) => `| ${row.id} | ${row.level} | ${row.who.join(", ")} | ${row.title} | ${evidenceOf(row, evidence)} |`);
  return `\n## ${title}\n\n| id | level | who | what | tests |\n| --- | --- | --- | --- | --- |\n${lines.join("\n")}\n`;
}

/** What is wrong with the rows themselves: no test and no reason where one must be, or a reason in spite of a test. */
function problemsOf(rows, files) {
  const missing = rows.filter((row) => isForLibraries(row) && !files.has(row.id) && row.reason === undefined);
  const idle = rows.filter(({ id, reason }) => reason !== undefined && files.has(id));
  return [
    ...missing.map(({ id, title }) => `docs/conformance/rows.json: ${id} (${title}) has neither a test nor a reason`),
    ...idle.map(({ id }) => `docs/conformance/rows.json: ${id} has a test; its reason must go`),
  ];
}

/** The document and what is wrong with its rows. `files`: test files by id. */
export function conformanceDocument(files) {
  const rows = JSON.parse(readFileSync(join(root, "docs", "conformance", "rows.json"), "utf8"));
  const evidence = { files, judged: judgedIds() };
  const text = intro + families.map((family) => section(family, rows, evidence)).join("");
  return { text, problems: problemsOf(rows, files) };
}
