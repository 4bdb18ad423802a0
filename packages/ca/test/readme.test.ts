// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { signOnce } from "./support/readme-example.ts";
import { leafOf, newSpki } from "./support/test-service.ts";

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

it("the README's example is the one that is tested, and works", async () => {
  const example = read("./support/readme-example.ts")
    .replace("// SPDX-License-Identifier: Apache-2.0\n", "")
    .replace("../../src/index.ts", "@mayfly/ca")
    .replace("../../../datastore/src/index.ts", "@mayfly/datastore");
  expect(read("../README.md")).toContain(`\`\`\`ts\n${example}\`\`\``);
  const folder = mkdtempSync(join(tmpdir(), "mayfly-readme-"));
  try {
    writeFileSync(join(folder, "key-encryption-key"), Buffer.alloc(32, 7), { mode: 0o600 });
    const issued = await signOnce(folder, newSpki());
    expect(issued && leafOf(issued).uris).toEqual(["spiffe://example.org/web"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
