// SPDX-License-Identifier: Apache-2.0
import { CliFailure } from "../failure.ts";
import { statusName } from "../status-name.ts";

interface BatchStatus {
  readonly status: { readonly code: number; readonly message: string } | null | undefined;
  readonly what: string;
}

const hints: Record<string, string> = {
  ALREADY_EXISTS:
    "the entry named above is the one that exists; `mayfly entry show` prints it, `mayfly entry update` changes it",
  NOT_FOUND: "`list` shows what there is",
};

/** Failures that are told one by one; the results have each. */
const told = 10;

/** The failure that stands for all items of a batch that failed; undefined when none did. */
export function batchFailure(results: readonly BatchStatus[]): CliFailure | undefined {
  const failed = results.filter((result) => result.status?.code !== 0);
  const first = failed[0];
  if (first === undefined) return undefined;
  const code = statusName(first.status?.code ?? 2);
  const lines = failed
    .slice(0, told)
    .map((result) => (result.what === "" ? "" : `${result.what}: `) + (result.status?.message ?? "no status"));
  const more = failed.length > told ? `; and ${failed.length - told} more` : "";
  const message =
    failed.length === 1 ? (lines[0] ?? "") : `${failed.length} of ${results.length} failed: ${lines.join("; ")}${more}`;
  return new CliFailure({ foreign: code }, message, { hint: hints[code] ?? "" });
}
