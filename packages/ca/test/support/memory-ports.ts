// SPDX-License-Identifier: Apache-2.0
import type { AuthorityKind, AuthorityRecord, AuthorityStore, BundleEdit, IssuanceLog } from "../../src/index.ts";

/** An authority store in memory: versions are compared as the port says. */
export class MemoryAuthorityStore implements AuthorityStore {
  readonly edits: BundleEdit[] = [];
  readonly #kinds = new Map<AuthorityKind, { version: number; records: readonly AuthorityRecord[] }>();

  async list(kind: AuthorityKind): Promise<{ version: number; records: readonly AuthorityRecord[] }> {
    return this.#kinds.get(kind) ?? { version: 0, records: [] };
  }

  async commit(change: Parameters<AuthorityStore["commit"]>[0]): Promise<boolean> {
    const stored = this.#kinds.get(change.kind) ?? { version: 0 };
    if (stored.version !== change.version) return false;
    this.#kinds.set(change.kind, { version: stored.version + 1, records: change.records });
    this.edits.push(...change.edits);
    return true;
  }

  /** What a bundle holds after the edits so far. */
  bundle(): { x509: string[]; jwt: string[] } {
    const x509 = new Set<string>();
    const jwt = new Set<string>();
    for (const edit of this.edits) {
      if (edit.op === "add-x509") x509.add(Buffer.from(edit.certificate).toString("hex"));
      if (edit.op === "remove-x509") x509.delete(Buffer.from(edit.certificate).toString("hex"));
      if (edit.op === "add-jwt") jwt.add(edit.keyId);
      if (edit.op === "remove-jwt") jwt.delete(edit.keyId);
    }
    return { x509: [...x509], jwt: [...jwt] };
  }
}

/** An issuance log in memory. */
export class MemoryIssuanceLog implements IssuanceLog {
  readonly rows = new Map<string, Uint8Array[]>();

  async append(authorityId: string, batch: Uint8Array): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    const rows = this.rows.get(authorityId) ?? [];
    this.rows.set(authorityId, rows);
    return rows.push(batch) - 1;
  }

  async read(authorityId: string, from: number, limit: number): Promise<{ index: number; batch: Uint8Array }[]> {
    const rows = this.rows.get(authorityId) ?? [];
    return rows.slice(from, from + limit).map((batch, offset) => ({ index: from + offset, batch }));
  }

  async authorities(): Promise<string[]> {
    return [...this.rows.keys()];
  }
}
