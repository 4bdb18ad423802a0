// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createNoteSigner,
  encodeRecord,
  leafHash,
  type LogVerdict,
  signCheckpoint,
  treeRoot,
  verifyLog,
} from "@mayfly/journal";
import { describe, expect, it } from "vitest";
import { LogDirectory } from "./directory-source.ts";
import { TileWriter } from "./tile-writer.ts";

const signer = createNoteSigner("example.org/log", generateKeyPairSync("ed25519").privateKey);

function entriesOf(size: number): Uint8Array[] {
  return Array.from({ length: size }, (_each, index) =>
    encodeRecord({
      v: 1,
      id: `r-${String(index)}`,
      kind: "guard",
      phase: "event",
      at: "2026-11-25T10:00:00.000Z",
      actor: "local",
      body: {},
    }),
  );
}

/** Written, signed over the entries' own root, and verified by the package that knows nothing of the writer. */
async function verdictOn(size: number): Promise<LogVerdict> {
  const directory = mkdtempSync(join(tmpdir(), "mayfly-tiles-"));
  try {
    const entries = entriesOf(size);
    const writer = new TileWriter(directory);
    for (const entry of entries) writer.append(entry);
    writer.finish();
    const checkpoint = { origin: "example.org/log", size, root: treeRoot(entries.map(leafHash)) };
    writeFileSync(join(directory, "checkpoint"), await signCheckpoint(checkpoint, signer));
    return await verifyLog(await LogDirectory.open(directory), { vkey: signer.key.toString() });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

describe("a log that is written as tiles", () => {
  it.each([0, 1, 255, 256, 257, 600])("verifies with %i records", async (size) => {
    expect(await verdictOn(size)).toMatchObject({ size, problems: [] });
  });
});
