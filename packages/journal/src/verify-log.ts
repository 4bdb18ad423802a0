// SPDX-License-Identifier: Apache-2.0
import { AuthenticTiles } from "./authentic-tiles.ts";
import { type Checkpoint, verifyCheckpoint } from "./checkpoint.ts";
import { compareTiles } from "./compare-tiles.ts";
import { JournalError } from "./errors.ts";
import { locateDifference } from "./locate-difference.ts";
import type { LogProblem } from "./log-problem.ts";
import type { MerkleTree } from "./merkle-tree.ts";
import { NoteKey } from "./note-key.ts";
import { rootAt } from "./proof.ts";
import { type FoundRecords, readRecords } from "./read-records.ts";
import { RecordSequence } from "./record-sequence.ts";
import type { LogSource } from "./stored-log.ts";

/** What a log is checked against; none of it comes from the log. */
export interface VerifyLogOptions {
  /** The log's key. Its name is the log's origin. */
  readonly vkey: string;
  /** A signed checkpoint that was kept elsewhere: the log must continue it. */
  readonly trustedCheckpoint?: string | undefined;
  /** How long before the newest record an allowed intent may still be without its outcome: for a log in use. Default 0. */
  readonly outcomeGraceMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What was found; sound when there are no problems. */
export interface LogVerdict {
  /** Records that the log's checkpoint covers; 0 when it can't be believed. */
  readonly size: number;
  /** The signed note that the verdict is about: keep it as the next time's `trustedCheckpoint` when there are no problems. */
  readonly checkpoint?: string | undefined;
  /** The first bad record in the tree, else what records say that can't be, in their order. */
  readonly problems: readonly LogProblem[];
}

/**
 * Checks a whole log offline: signature, every record against the signed root, every tile, that the log continues a trusted
 * checkpoint, and that the records make sense one after the other. Reads each resource once or twice; holds 32 bytes a record.
 * @throws {JournalError} KEY_MALFORMED, or why `trustedCheckpoint` was refused; whatever the source throws
 */
export async function verifyLog(source: LogSource, options: VerifyLogOptions): Promise<LogVerdict> {
  options.signal?.throwIfAborted();
  const key = NoteKey.parse(options.vkey);
  const trusted =
    options.trustedCheckpoint === undefined ? undefined : verifyCheckpoint(options.trustedCheckpoint, [key]);
  const note = await source.read("checkpoint");
  if (note === undefined) return refused({ code: "CHECKPOINT_MISSING", message: "the log has no checkpoint" });
  const checkpoint = readCheckpoint(note, key);
  if ("code" in checkpoint) return refused(checkpoint);
  const sequence = new RecordSequence();
  const found = await readRecords(source, checkpoint.size, sequence, options.signal);
  const inTree = await treeProblems(source, checkpoint, found);
  const inHistory = await historyProblems(checkpoint, trusted, inTree.length === 0 ? found.tree : undefined);
  const broken = [...inHistory, ...inTree];
  const problems = broken.length > 0 ? broken : sequence.problems(options.outcomeGraceMs ?? 0);
  return { size: checkpoint.size, checkpoint: Buffer.from(note).toString(), problems };
}

function refused(problem: LogProblem): LogVerdict {
  return { size: 0, problems: [problem] };
}

function readCheckpoint(note: Uint8Array, key: NoteKey): Checkpoint | LogProblem {
  try {
    return verifyCheckpoint(note, [key]);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    const { code, message } = error;
    return { code: code === "KEY_UNKNOWN" || code === "SIGNATURE_INVALID" ? code : "CHECKPOINT_MALFORMED", message };
  }
}

async function treeProblems(source: LogSource, checkpoint: Checkpoint, found: FoundRecords): Promise<LogProblem[]> {
  const { size, root } = checkpoint;
  const isWhole = found.tree.size === size && Buffer.compare(await rootAt(found.tree, size), root) === 0;
  if (isWhole) return [...found.problems, ...(await compareTiles(source, found.tree))];
  const signed = await AuthenticTiles.open(source, checkpoint);
  return [await locateDifference({ found: found.tree, signed, size })];
}

/** `tree` holds what the checkpoint covers, when that could be shown. */
async function historyProblems(
  now: Checkpoint,
  before: Checkpoint | undefined,
  tree: MerkleTree | undefined,
): Promise<LogProblem[]> {
  if (before === undefined) return [];
  if (now.size < before.size) {
    const message = `the log has ${String(now.size)} records, one that was signed had ${String(before.size)}`;
    return [{ code: "ROLLED_BACK", index: now.size, message }];
  }
  const root = now.size === before.size ? now.root : tree === undefined ? undefined : await rootAt(tree, before.size);
  if (root === undefined || Buffer.compare(root, before.root) === 0) return [];
  return [
    { code: "FORKED", message: `the first ${String(before.size)} records are not those that were signed before` },
  ];
}
