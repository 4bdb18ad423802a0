// SPDX-License-Identifier: Apache-2.0
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { tellSelectors } from "./support/readme-example.ts";

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

it("the README's example is the one that is tested, and works", async () => {
  const example = read("./support/readme-example.ts")
    .replace("// SPDX-License-Identifier: Apache-2.0\n", "")
    .replace("../../src/index.ts", "@mayfly/attestation");
  expect(read("../README.md")).toContain(`\`\`\`ts\n${example}\`\`\``);
  const folder = mkdtempSync(join(tmpdir(), "mayfly-readme-"));
  const listener = createServer();
  try {
    listener.on("connection", (socket) => void tellSelectors(socket));
    listener.listen(join(folder, "s"));
    await once(listener, "listening");
    expect(await text(connect(join(folder, "s")))).toContain(`unix:uid:${process.getuid?.()}\n`);
  } finally {
    listener.close();
    rmSync(folder, { recursive: true });
  }
});
