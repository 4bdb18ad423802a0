// SPDX-License-Identifier: Apache-2.0
// Figures, never part of the tests: `npm run bench [-- NAME… --alone --json FILE]`. Each bench runs on ours and, in the same run, on SPIRE.
import { writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { parseArgs } from "node:util";
import { dev } from "./benches/dev.ts";
import { entries } from "./benches/entries.ts";
import { entryToSvid } from "./benches/entry-to-svid.ts";
import { gatedCall } from "./benches/gated-call.ts";
import { gateway } from "./benches/gateway.ts";
import { idle } from "./benches/idle.ts";
import { issue } from "./benches/issue.ts";
import { mtls } from "./benches/mtls.ts";
import { policy } from "./benches/policy.ts";
import { sources } from "./benches/sources.ts";
import { taskEnds } from "./benches/task-ends.ts";
import { taskStore } from "./benches/task-store.ts";
import { verifyPaths } from "./benches/verify-path.ts";
import { workloadApi } from "./benches/workload-api.ts";
import { type Figure, Report } from "./measure.ts";
import type { Target } from "./target.ts";

const paired: Record<string, (report: Report, name: Target["name"]) => Promise<void>> = {
  "entry-to-svid": entryToSvid,
  issue,
  "workload-api": workloadApi,
  entries,
};
const ours: Record<string, (report: Report) => Promise<void>> = {
  dev,
  "gated-call": gatedCall,
  gateway,
  idle,
  "verify-path": verifyPaths,
  mtls,
  policy,
  sources,
  "task-ends": taskEnds,
  "task-store": taskStore,
};

/** Our figure divided by SPIRE's, for each figure that both have. */
function printRatios(figures: readonly Figure[]): void {
  for (const theirs of figures.filter(({ system }) => system === "spire")) {
    const mine = figures.find(
      ({ system, bench, figure }) =>
        system === "mayfly" &&
        bench === theirs.bench &&
        figure.split(", p50 of")[0] === theirs.figure.split(", p50 of")[0],
    );
    if (mine === undefined) continue;
    process.stdout.write(`ratio  ${theirs.bench}: ${theirs.figure}: ${(mine.value / theirs.value).toPrecision(3)}\n`);
  }
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { alone: { type: "boolean", default: false }, json: { type: "string" } },
});
const known = [...Object.keys(paired), ...Object.keys(ours)];
const wanted = positionals.length > 0 ? positionals : known;
const unknown = wanted.filter((name) => !known.includes(name));
if (unknown.length > 0) throw new TypeError(`no bench ${unknown.join(", ")}; there are: ${known.join(", ")}`);

const report = new Report();
process.stdout.write(`node ${process.version}, OpenSSL ${process.versions.openssl}, ${cpus()[0]?.model ?? "?"}\n`);
for (const name of wanted) {
  await ours[name]?.(report);
  for (const system of values.alone ? (["mayfly"] as const) : (["mayfly", "spire"] as const)) {
    await paired[name]?.(report, system);
  }
}
printRatios(report.figures);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report.figures, null, 2)}\n`);
process.exit();
