// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packagesDir = fileURLToPath(new URL("../../packages/", import.meta.url));
const documented = [
  "x509",
  "spiffe",
  "spiffe-client",
  "rpc",
  "telemetry",
  "registration",
  "attestation",
  "journal",
  "tasks",
  "policy",
  "ca",
];

function sources(name: string): { file: string; text: string }[] {
  const dir = join(packagesDir, name, "src");
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => ({ file: join(name, "src", file), text: readFileSync(join(dir, file), "utf8") }));
}

const exported = /^export (?:abstract |async )*(?:class|function\*?|const|interface|type) (\w+)/;

/** Exported declarations without a doc comment right above them. */
function undocumented({ file, text }: { file: string; text: string }): string[] {
  const lines = text.split("\n");
  return lines.flatMap((line, index) => {
    const name = exported.exec(line)?.[1];
    if (name === undefined || lines[index - 1]?.endsWith("*/")) return [];
    // An overload is documented at its first signature.
    if (lines[index - 1]?.startsWith(`export function ${name}`)) return [];
    return [`${file}: ${name}`];
  });
}

describe("house style", () => {
  it.each(documented)("every export of %s says what it is", (name) => {
    expect(sources(name).flatMap(undocumented)).toEqual([]);
  });

  it("the median file of the packages has at most 120 lines", () => {
    const lengths = readdirSync(packagesDir)
      .flatMap(sources)
      .map(({ text }) => text.split("\n").length)
      .toSorted((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
  });

  it("every source names its licence", () => {
    const unnamed = readdirSync(packagesDir)
      .flatMap(sources)
      .filter(({ text }) => !text.slice(0, 200).includes("SPDX-License-Identifier: Apache-2.0"));
    expect(unnamed.map(({ file }) => file)).toEqual([]);
  });
});
