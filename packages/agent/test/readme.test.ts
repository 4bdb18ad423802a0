// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeEnrolment } from "@mayfly/attestation";
import { expect, it } from "vitest";
import { startEnrolled } from "./support/readme-example.ts";

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

it("the README's example is the one that is tested, and listens before its server can be reached", async () => {
  const example = read("./support/readme-example.ts")
    .replace("// SPDX-License-Identifier: Apache-2.0\n", "")
    .replace("../../src/index.ts", "@mayfly/agent");
  expect(read("../README.md")).toContain(`\`\`\`ts\n${example}\`\`\``);
  const folder = mkdtempSync(join(tmpdir(), "mayfly-readme-"));
  const enrolment = encodeEnrolment({
    // Nobody listens there.
    serverAddress: "127.0.0.1:9",
    trustDomain: "example.org",
    pins: ["00".repeat(32)],
    token: "none",
    agentPath: "/join_token/none",
  });
  writeFileSync(join(folder, "enrolment"), enrolment, { mode: 0o600 });
  try {
    await using agent = await startEnrolled(join(folder, "enrolment"), folder);
    expect(statSync(agent.socketPath).isSocket()).toBe(true);
    expect(agent.agentId).toBeUndefined();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
