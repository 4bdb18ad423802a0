// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { type PolicyTestReport, runPolicyTests } from "@mayfly/policy";
import { parsedDocument } from "../../documents.ts";
import { CliFailure } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { invocation, withExample } from "../command.ts";
import { loadBundle } from "./bundle-directory.ts";

interface TestOptions {
  readonly bundle: string;
  readonly trustedKey?: string;
}

interface FileReport extends PolicyTestReport {
  readonly file: string;
}

function reportJson({ file, passed, failed, results }: FileReport): Record<string, unknown> {
  return {
    file,
    passed,
    failed,
    results: results.map(({ name, passed: isPassed, expected, got, decision }) => ({
      name,
      passed: isPassed,
      expected,
      got,
      reason: decision.reason,
      policy_ids: decision.policyIds,
    })),
  };
}

function printReport({ file, results }: FileReport): void {
  for (const { name, passed, expected, got, decision } of results) {
    const by = [decision.reason, ...decision.policyIds].join(" ");
    if (passed) printLine(["ok  ", "green"], `  ${file}: ${name}`);
    else printLine(["FAIL", "red"], `  ${file}: ${name}: expected ${expected}, got ${got} (${by})`);
  }
}

/** Policies that decided in none of the documents. */
function untestedOf(reports: readonly FileReport[]): string[] {
  const [first, ...rest] = reports;
  return (first?.untested ?? []).filter((id) => rest.every(({ untested }) => untested.includes(id)));
}

/** `mayfly policy test`: runs test documents against a bundle. */
export function policyTest(): Command {
  const command = new Command("test")
    .description("run test documents against policies, and tell which policies decided in none")
    .argument("<file...>", "test documents, YAML or JSON")
    .requiredOption("--bundle <dir>", "directory of the bundle")
    .option("--trusted-key <file>", "public key (PEM) that the bundle has to be signed with");
  const example = "mayfly policy test --bundle policies/ tests.yaml";
  return withExample(command, example).action((...parameters: unknown[]) => {
    const { options, format, argument } = invocation<TestOptions>(parameters);
    const { bundle: directory, trustedKey } = options;
    const bundle = loadBundle({ directory, trustedKey, allowUnsealed: trustedKey === undefined });
    const reports = (argument as readonly string[]).map((file) => ({
      file,
      ...parsedDocument(file, (document) => runPolicyTests(bundle, document)),
    }));
    const failed = reports.reduce((sum, each) => sum + each.failed, 0);
    const passed = reports.reduce((sum, each) => sum + each.passed, 0);
    const untested = untestedOf(reports);
    if (format === "json") {
      printJson({ bundle_digest: bundle.digest, passed, failed, untested, files: reports.map(reportJson) });
    } else {
      for (const report of reports) printReport(report);
      printLine(`${String(passed)} passed, ${String(failed)} failed`);
      if (untested.length > 0) printLine(`decided in no test: ${untested.join(", ")}`);
    }
    if (failed > 0)
      throw new CliFailure("POLICY_TESTS_FAILED", `${String(failed)} of ${String(failed + passed)} tests failed`);
  });
}
