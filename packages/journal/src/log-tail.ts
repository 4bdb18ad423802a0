// SPDX-License-Identifier: Apache-2.0
import { type Checkpoint, signCheckpoint, verifyCheckpoint } from "./checkpoint.ts";
import { JournalError } from "./errors.ts";
import type { LogBatch, LogStore } from "./log-store.ts";
import { leafHash } from "./merkle.ts";
import { MerkleTree } from "./merkle-tree.ts";
import { rootAt } from "./proof.ts";
import type { NoteSigner } from "./sign-note.ts";
import { StoredLog } from "./stored-log.ts";
import type { HashTile } from "./tile-source.ts";

/** A signed checkpoint and the size in it. */
export interface SignedCheckpoint {
  readonly note: string;
  readonly size: number;
}

/** The durable end of a log: its tree, and the last checkpoint that was signed. Not for callers at the same time. */
export class LogTail {
  readonly #store: LogStore;
  readonly #signer: NoteSigner;
  #tree: MerkleTree;
  #signed: SignedCheckpoint | undefined;

  private constructor(store: LogStore, signer: NoteSigner, tree: MerkleTree) {
    this.#store = store;
    this.#signer = signer;
    this.#tree = tree;
  }

  /**
   * Reads what is durable. `known` is a checkpoint from elsewhere that it must continue, signed by the same key.
   * @throws {JournalError} LOG_INCONSISTENT, or why a checkpoint was refused, TILE_MISSING, TILE_MALFORMED
   */
  static async open(store: LogStore, signer: NoteSigner, known?: string): Promise<LogTail> {
    const { size, checkpoint } = await store.load();
    const tail = new LogTail(store, signer, await MerkleTree.open(new StoredLog(store), size));
    for (const note of [checkpoint, known]) {
      if (note !== undefined) await tail.#adopt(note);
    }
    return tail;
  }

  get size(): number {
    return this.#tree.size;
  }

  get tree(): MerkleTree {
    return this.#tree;
  }

  get signed(): SignedCheckpoint | undefined {
    return this.#signed;
  }

  /** Makes entries durable, all or none as far as the tree goes; gives the first one's index. */
  async append(entries: readonly Uint8Array[]): Promise<number> {
    const firstIndex = this.#tree.size;
    const next = this.#tree.fork();
    const grown = new Map<string, HashTile>();
    for (const entry of entries) {
      for (const tile of next.append(leafHash(entry))) grown.set(`${String(tile.level)}/${String(tile.index)}`, tile);
    }
    const batch: LogBatch = { firstIndex, entries, tiles: [...grown.values()] };
    await this.#store.append(batch);
    this.#tree = next;
    return firstIndex;
  }

  /** Signs what is durable and saves it, if anything is new. */
  async sign(): Promise<void> {
    const tree = this.#tree;
    if (this.#signed?.size === tree.size) return;
    const root = await rootAt(tree, tree.size);
    const checkpoint: Checkpoint = { origin: this.#signer.key.name, size: tree.size, root };
    const note = await signCheckpoint(checkpoint, this.#signer);
    await this.#store.saveCheckpoint(note);
    this.#signed = { note, size: tree.size };
  }

  // C2SP tlog-checkpoint, Signatures: a log signs nothing that does not continue what it signed before.
  async #adopt(note: string): Promise<void> {
    const { size, root } = verifyCheckpoint(note, [this.#signer.key]);
    if (size > this.#tree.size) {
      const [has, had] = [String(this.#tree.size), String(size)];
      throw new JournalError("LOG_INCONSISTENT", `the stored log has ${has} records, the signed one had ${had}`);
    }
    if (Buffer.compare(root, await rootAt(this.#tree, size)) !== 0) {
      throw new JournalError("LOG_INCONSISTENT", `the first ${String(size)} records are not those that were signed`);
    }
    if (size >= (this.#signed?.size ?? 0)) this.#signed = { note, size };
  }
}
