// SPDX-License-Identifier: Apache-2.0
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runProgram } from "../../processes.ts";
import { expect } from "../suite.ts";

const script = fileURLToPath(new URL("checker/check_record.py", import.meta.url));
const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));

const python = ["-B", "-s"];

/** What is wrong with a record, by whoever judged it. */
export interface Verdict {
  readonly sound: boolean;
  readonly problems: readonly { readonly code: string; readonly index: number | null }[];
}

/** What a receipt proves. */
export interface ProvenRecord extends Verdict {
  readonly record?: Readonly<Record<string, unknown>>;
  readonly index?: number;
}

/** The files of a record, its key, and a checkpoint that was kept elsewhere. */
export interface Exhibit {
  readonly directory: string;
  readonly vkey: string;
  readonly trusted?: string | undefined;
}

/** The checker, which shares no code with the writer: the files, the key, and Python's standard library. */
export function checkLog({ directory, vkey, trusted }: Exhibit): Verdict {
  return check(["log", vkey, directory, ...(trusted === undefined ? [] : ["--trusted", trusted])]);
}

/** The checker, of one receipt. */
export function checkReceipt(file: string, vkey: string): ProvenRecord {
  return check(["receipt", vkey, file]);
}

/** The checker's verdicts on Ed25519 signatures: each a key, a message and a signature. */
export function checkSignatures(cases: readonly (readonly Uint8Array[])[]): readonly boolean[] {
  const program =
    "import json, sys, ed25519; print(json.dumps([ed25519.verify(*map(bytes.fromhex, c)) for c in json.load(sys.stdin)]))";
  const input = JSON.stringify(cases.map((each) => each.map((bytes) => Buffer.from(bytes).toString("hex"))));
  const { status, stdout, stderr } = runProgram(["python3", ...python, "-c", program], {
    input,
    env: { PYTHONPATH: dirname(script) },
  });
  expect(status === 0, stderr);
  return JSON.parse(stdout) as boolean[];
}

/** `mayfly log verify`. */
export function verifyLog({ directory, vkey, trusted }: Exhibit): Verdict {
  const more = trusted === undefined ? [] : ["--trusted-checkpoint", trusted];
  const words = ["log", "verify", directory, "--vkey", vkey, ...more, "--output", "json"];
  const env = { MAYFLY_SERVER_SOCKET: join(directory, "nowhere") };
  return read(runProgram([mayfly, ...words], { env }));
}

function check(words: readonly string[]): ProvenRecord {
  return read(runProgram(["python3", ...python, script, ...words]));
}

function read({ status, stdout, stderr }: ReturnType<typeof runProgram>): ProvenRecord {
  expect(status === 0 || status === 1, `ended with ${String(status)}: ${stderr}`);
  expect(stdout.startsWith("{"), `no verdict: ${stderr}`);
  const verdict = JSON.parse(stdout) as ProvenRecord;
  expect(verdict.sound === (status === 0), "the status is not the verdict's");
  return verdict;
}
