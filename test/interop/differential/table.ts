// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { reasons } from "./rules.ts";

/** What a run counted. */
export interface Tally {
  readonly seed: number;
  readonly cases: number;
  readonly bothAccept: number;
  readonly bothRefuse: number;
  /** By rule. */
  readonly disagreements: ReadonlyMap<string, number>;
}

/** Where the table is kept. */
export const tableFile: string = fileURLToPath(new URL("../../../docs/differential.md", import.meta.url));

/** Up to this count the chance of a run may decide whether a rule is met at all. */
const rare = 12;

function goSpiffeVersion(): string {
  const file = readFileSync(new URL("../go/go.mod", import.meta.url), "utf8");
  return /go-spiffe\/v2 (v\S+)/.exec(file)?.[1] ?? "unknown";
}

function section(title: string, names: readonly string[], tally: Tally): string {
  const rows = names
    .toSorted((a, b) => (tally.disagreements.get(b) ?? 0) - (tally.disagreements.get(a) ?? 0))
    .map((name) => `| ${name} | ${tally.disagreements.get(name)} | ${reasons.get(name)} |`);
  return `## ${title}\n\n| rule | cases | reason |\n| --- | --: | --- |\n${rows.join("\n")}\n`;
}

/** The document: what was compared and why the two differ. `accepts` are the rules for what only we accept. */
export function writeTable(tally: Tally, accepts: ReadonlySet<string>): string {
  const met = [...tally.disagreements.keys()];
  const sum = [...tally.disagreements.values()].reduce((a, b) => a + b, 0);
  return `# Our verdict and go-spiffe's

Written by \`node --conditions=@mayfly/source test/interop/differential/main.ts --update\`; the interop suite \`differential\` repeats the run and compares.

${tally.cases.toLocaleString("en")} mutated X.509-SVID chains and JWT-SVIDs (half and half, seed ${tally.seed}), judged by \`verifyPeer\` and \`verifyJwtSvid\` and by go-spiffe ${goSpiffeVersion()}'s
\`x509svid.ParseAndVerify\` and \`jwtsvid.ParseAndValidate\`. Both accept ${tally.bothAccept.toLocaleString("en")}, with the same SPIFFE ID; both refuse ${tally.bothRefuse.toLocaleString("en")}; they differ on ${sum.toLocaleString("en")}. Each
difference falls under a rule below; one that does not fails the suite. Keys and ECDSA signatures are new in each run, so counts move a little.

${section(
  "We refuse what go-spiffe accepts",
  met.filter((name) => !accepts.has(name)),
  tally,
)}
${section(
  "We accept what go-spiffe refuses",
  met.filter((name) => accepts.has(name)),
  tally,
)}`;
}

/** Differences between a run and the kept table that chance does not explain. */
export function compareTable(kept: string, tally: Tally): string[] {
  const rows = new Map(
    [...kept.matchAll(/^\| (\w+: [^|]+?) \| (\d+) \|/gm)].map(([, name = "", count]) => [name, Number(count)]),
  );
  const names = new Set([...rows.keys(), ...tally.disagreements.keys()]);
  const problems = [...names].flatMap((name) => {
    const [then, now] = [rows.get(name) ?? 0, tally.disagreements.get(name) ?? 0];
    const allowed = Math.max(rare, 0.3 * Math.max(then, now));
    return Math.abs(then - now) <= allowed ? [] : [`${name}: ${then} in the table, ${now} now`];
  });
  for (const fact of [`seed ${tally.seed})`, `go-spiffe ${goSpiffeVersion()}'s`])
    if (!kept.includes(fact)) problems.push(`the table does not say ${JSON.stringify(fact)}`);
  return problems;
}
