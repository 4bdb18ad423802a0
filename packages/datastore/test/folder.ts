// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A fresh folder that is gone at the end of the block. */
export class Folder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "mayfly-datastore-"));

  file(name = "datastore.db"): string {
    return join(this.path, name);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
