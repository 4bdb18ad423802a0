// SPDX-License-Identifier: Apache-2.0
// Prints the counts of a vitest JSON report as "N passed, N failed". A skipped test counts as failed unless it says why in its name or note.
import { readFileSync } from "node:fs";
import { relative } from "node:path";

const report = JSON.parse(readFileSync(process.argv[2], "utf8"));
const firstLine = ([message = ""]) => message.split("\n")[0];
let passed = 0;
let failed = 0;
for (const file of report.testResults) {
  if (file.status === "failed" && file.assertionResults.length === 0) {
    failed++;
    process.stdout.write(`failed: ${file.name}: ${file.message}\n`);
  }
  for (const test of file.assertionResults) {
    if (test.status === "passed") passed++;
    else if (test.status === "failed") {
      failed++;
      process.stdout.write(
        `failed: ${test.fullName} (${relative(".", file.name)}): ${firstLine(test.failureMessages)}\n`,
      );
    } else {
      const reason = /skipped: (.+)/.exec(test.fullName)?.[1];
      process.stdout.write(`${test.status}: ${test.fullName}\n`);
      if (reason === undefined) failed++;
    }
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
