// SPDX-License-Identifier: Apache-2.0
import { beats } from "./beats/beats.ts";
import { type Beat, Story } from "./story.ts";

/** What came of the demo. */
export interface DemoResult {
  readonly passed: boolean;
  readonly beats: readonly BeatResult[];
  readonly seconds: number;
}

/** What came of one beat. */
interface BeatResult {
  readonly title: string;
  readonly lines: readonly string[];
  readonly seconds: number;
  /** Why it failed. */
  readonly error?: unknown;
}

/** Plays all beats, up to the first that fails, and removes everything again. `signal` stops it. */
export async function runDemo(print: (line: string) => void, signal?: AbortSignal): Promise<DemoResult> {
  const startedMs = performance.now();
  const results: BeatResult[] = [];
  {
    await using story = new Story(signal);
    // What the beat under way waits for ends with the world.
    const stop = (): void => void story[Symbol.asyncDispose]();
    signal?.addEventListener("abort", stop);
    for (const [number, beat] of beats.entries()) {
      const result = await play(beat, story);
      results.push(result);
      for (const line of report(number, result)) print(line);
      if (result.error !== undefined) break;
    }
    signal?.removeEventListener("abort", stop);
  }
  const seconds = (performance.now() - startedMs) / 1000;
  const passed = results.length === beats.length && results.every(({ error }) => error === undefined);
  print(
    passed ? `All ${String(beats.length)} parts as they should be, in ${seconds.toFixed(0)} s.` : "The demo failed.",
  );
  return { passed, beats: results, seconds };
}

async function play(beat: Beat, story: Story): Promise<BeatResult> {
  const { title } = beat;
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1000;
  try {
    story.signal?.throwIfAborted();
    const lines = await beat.run(story);
    return { title, lines, seconds: seconds() };
  } catch (error) {
    // What ended because the world did is not the reason.
    return {
      title,
      lines: [],
      seconds: seconds(),
      error: story.signal?.aborted === true ? story.signal.reason : error,
    };
  }
}

function report(number: number, { title, lines, seconds, error }: BeatResult): string[] {
  const head = `${String(number).padStart(2)}  ${title}`;
  const failed = error === undefined ? [] : messageOf(error).trim().split("\n");
  const facts = [...lines, ...failed.map((line, at) => (at === 0 ? `FAILED: ${line}` : line))];
  return [`${head.padEnd(100)} ${seconds.toFixed(1).padStart(5)} s`, ...facts.map((line) => `      ${line}`), ""];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : JSON.stringify(error);
}
