// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("fuzz-findings.ts", import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly line: Readonly<Record<string, unknown>>;
}

async function run(...args: readonly string[]): Promise<Ended> {
  const child = execFile(process.execPath, ["--conditions=@mayfly/source", program, ...args]);
  let stdout = "";
  child.stdout?.on("data", (chunk: string) => (stdout += chunk));
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { status, line: JSON.parse(stdout) as Ended["line"] };
}

describe("a program that fuzzes", { timeout: 60_000 }, () => {
  it("names its targets", async () => {
    expect((await run()).line).toEqual({ targets: ["sound", "foreign", "slow", "endless", "dying"] });
  });

  it("finds nothing in a sound parser, and says what it did", async () => {
    const { status, line } = await run("sound", "0.2", "7");
    expect({ status, ...line }).toMatchObject({ status: 0, target: "sound", seed: 7 });
    expect(Number(line["runs"])).toBeGreaterThan(Number(line["taken"]));
    expect(Number(line["taken"])).toBeGreaterThan(0);
  });

  it.each([
    ["foreign", /RangeError: of somebody else/],
    ["slow", /^took \d+ ms$/],
    ["endless", /^does not end$/],
    ["dying", /^the thread ended with 3$/],
  ])("ends with 1 and the input when a parser is %s", async (name, error) => {
    const { status, line } = await run(name, "20", "7");
    expect({ status, ...line }).toMatchObject({ status: 1, error: expect.stringMatching(error) as unknown });
    expect(String(line["input"])).toMatch(/^[A-Za-z0-9+/=]+$/);
  });
});
