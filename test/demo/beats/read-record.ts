// SPDX-License-Identifier: Apache-2.0
import { equal, match, ok } from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Finished } from "../../processes.ts";
import type { Beat, Story } from "../story.ts";
import { followTrace, type ShownRecord } from "./trace.ts";

/** One record of it all, which needs no trust in the server. */
export const readRecord: Beat = {
  title: "One record ties it together; it is verified offline, and one changed byte is found",
  async run(story) {
    const { world } = story;
    const records = await recordsOf(story);
    const { lines, approved } = followTrace(records, story);
    const directory = join(world.parts.directory, "record");
    await world.json("log", "export", directory);
    const vkey = world.file((await world.mayfly(["log", "checkpoint", "--vkey"])).stdout);
    const sound = await offline(story, ["log", "verify", directory, "--vkey-file", vkey]);
    equal(sound.status, 0, `${sound.stdout}${sound.stderr}`);
    const receipt = join(world.parts.directory, "call.tlog-proof");
    await world.json("log", "prove", approved.id, "--write", receipt);
    const proven = await offline(story, ["log", "prove", "--check", receipt, "--vkey-file", vkey]);
    equal(proven.status, 0, proven.stderr);
    match(proven.stdout, /^proven: /);
    const changed = changeByte(directory, approved.index);
    const found = await offline(story, ["log", "verify", changed, "--vkey-file", vkey]);
    equal(found.status, 1);
    const named = `RECORD_CHANGED at ${String(approved.index)}`;
    ok(found.stdout.includes(named), found.stdout);
    return [
      `$ mayfly log show --task ${story.get("task").id}`,
      ...lines,
      `$ mayfly log verify record/ --vkey-file vkey                     -> ${sound.stdout.trim()}`,
      `$ mayfly log prove --check call.tlog-proof --vkey-file vkey     -> ${proven.stdout.split("\n")[0] ?? ""}`,
      `one bit of record ${String(approved.index)} changed, then log verify once more  -> ${named}`,
    ];
  },
};

async function recordsOf(story: Story): Promise<readonly ShownRecord[]> {
  const { stdout, stderr, status } = await story.world.mayfly([
    "log",
    "show",
    "--task",
    story.get("task").id,
    "--output",
    "json",
  ]);
  equal(status, 0, stderr);
  return stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as ShownRecord);
}

/** Without a server: nothing but the files and the key. */
function offline(story: Story, words: readonly string[]): Promise<Finished> {
  return story.world.mayfly(words, { offline: true });
}

/** A copy of the exported record with one bit flipped in the entry of that index. */
function changeByte(directory: string, index: number): string {
  const copy = `${directory}-changed`;
  cpSync(directory, copy, { recursive: true });
  const bundles = join(copy, "tile", "entries");
  const [bundle = ""] = readdirSync(bundles, { recursive: true, encoding: "utf8" }).filter((path) =>
    /000\.p.\d+$/.test(path),
  );
  const file = join(bundles, bundle);
  const bytes = readFileSync(file);
  let at = 0;
  for (let entry = 0; entry < index; entry += 1) at += 2 + bytes.readUInt16BE(at);
  const middle = at + 2 + (bytes.readUInt16BE(at) >> 1);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  return copy;
}
