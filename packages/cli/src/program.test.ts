// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { describe, expect, it } from "vitest";
import { createProgram } from "./program.ts";
import { UsageProblems } from "./usage-problems.ts";

function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return help;
}

interface Level {
  readonly name: string;
  readonly command: Command;
}

function levelsOf(command: Command, name: string): Level[] {
  return [{ name, command }, ...command.commands.flatMap((child) => levelsOf(child, `${name} ${child.name()}`))];
}

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const levels = levelsOf(await createProgram(), "mayfly");

/** Words of an example as a shell would split it. */
function wordsOf(example: string): string[] {
  return [...example.matchAll(/'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

/** Parses words with every action cut out; throws what is wrong with them. */
async function parse(words: readonly string[]): Promise<string> {
  const program = await createProgram(new UsageProblems(), words);
  let reached = "";
  for (const { name, command } of levelsOf(program, "mayfly"))
    if (command.commands.length === 0)
      command.action(() => {
        reached = name;
      });
  await program.parseAsync([...words], { from: "user" });
  return reached;
}

describe("the command line", () => {
  it.each(levels)("$name --help has one example, and it parses", async ({ name, command }) => {
    const help = helpOf(command);
    const [example, ...more] = help.split("\nExample:\n  ").slice(1);
    expect(more).toEqual([]);
    const line = (example ?? "").trim().replace(/^source <\((.*)\)$/, "$1");
    expect(line).toMatch(/^mayfly /);
    const reached = await parse(wordsOf(line).slice(1));
    if (command.commands.length === 0) expect(reached).toBe(name);
    else expect(reached.startsWith(name)).toBe(true);
  });

  it.each(readme.split("\n").filter((line) => line.startsWith("mayfly ")))("README: %s", async (line) => {
    expect(await parse(wordsOf(line).slice(1))).toMatch(/^mayfly \w+/);
  });

  it("loads one command for its words, and all for help, completions and words that it does not know", async () => {
    const loaded = async (...words: string[]): Promise<string[]> =>
      (await createProgram(new UsageProblems(), words)).commands.map((command) => command.name());
    const all = await loaded();
    expect(await loaded("entry", "list")).toEqual(["entry"]);
    expect(await loaded("--output", "json", "agent", "run")).toEqual(["agent"]);
    for (const words of [["--help"], ["--help", "entry"], ["completion", "bash"], ["entries"], ["--output=x", "node"]])
      expect(await loaded(...words)).toEqual(all);
  });

  it("takes --output behind every verb and before every noun", () => {
    for (const { name, command } of levels.filter((level) => level.command.commands.length === 0))
      expect(
        command.options.map((option) => option.long),
        name,
      ).toContain("--output");
  });

  it("has options in kebab-case, each with a description", () => {
    for (const { name, command } of levels)
      for (const option of command.options.filter((each) => !each.hidden)) {
        expect(option.long, name).toMatch(/^--[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(option.description, `${name} ${option.flags}`).not.toBe("");
      }
  });

  it("CFG-D01: takes no secret as an argument", async () => {
    for (const word of ["--join-token", "--token"])
      await expect(parse(["agent", "run", word, "s3cret"])).rejects.toMatchObject({
        code: "USAGE",
        message: expect.not.stringContaining("s3cret") as string,
      });
  });

  it("reports wrong values and missing options at once", async () => {
    const words = ["svid", "mint", "jwt", "--spiffe-id", "web", "--ttl", "5"];
    await expect(parse(words)).rejects.toMatchObject({
      exit: 2,
      problems: [
        expect.stringContaining("--spiffe-id") as string,
        expect.stringContaining("--ttl") as string,
        "missing: --audience",
      ],
    });
  });
});
