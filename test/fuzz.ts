// SPDX-License-Identifier: Apache-2.0
// Fuzzes the parsers of untrusted input, each in a process of its own: node test/fuzz.ts [TARGET…] [--seconds 10] [--seed N] [--jobs 2]
// A foreign error, a broken property, an input that takes over a second of CPU time or a process that dies or hangs is a finding: the input is saved
// below --findings (default: a folder of the system's temporary one), and the end is status 1.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";

/** A program of a package, and how one of its parsers is named there. */
interface FuzzTarget {
  readonly program: string;
  readonly argument: string;
}

/** What a program prints at its end, as one line of JSON. */
interface FuzzResult {
  readonly runs?: number;
  /** Inputs that the parser took although they were changed. */
  readonly taken?: number;
  /** CPU time. */
  readonly slowest_ms?: number;
  readonly error?: string;
  /** Base64. */
  readonly input?: string;
  /** Instead of all this, when no target was named. */
  readonly targets?: readonly string[];
}

const packages = fileURLToPath(new URL("../packages/", import.meta.url));

/** Start of a process and the making of its corpus. */
const graceMs = 60_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 0xffffffff) },
    jobs: { type: "string", default: "2" },
    findings: { type: "string" },
  },
});
const seconds = Number(values.seconds);
if (!(seconds > 0)) throw new TypeError("--seconds is a number above 0");

/** Every package with a program for it is asked what it has: `package:parser`. */
async function findTargets(): Promise<Map<string, FuzzTarget>> {
  const programs = readdirSync(packages)
    .map((name) => ({ name, program: join(packages, name, "test/fuzz.ts") }))
    .filter(({ program }) => existsSync(program));
  const lists = await Promise.all(
    programs.map(async ({ name, program }) => {
      const { stdout, stderr } = await start(program, [], graceMs);
      const { targets } = readResult(stdout) ?? {};
      if (targets === undefined) throw new Error(`${program} names no targets: ${stderr}`);
      return targets.map((argument): [string, FuzzTarget] => [`${name}:${argument}`, { program, argument }]);
    }),
  );
  return new Map(lists.flat());
}

/** Targets named, or those of the packages named, or all. */
function chosen(targets: ReadonlyMap<string, FuzzTarget>): [string, FuzzTarget][] {
  if (positionals.length === 0) return [...targets];
  return positionals.flatMap((wanted) => {
    const found = [...targets].filter(([name]) => name === wanted || name.startsWith(`${wanted}:`));
    if (found.length === 0) throw new TypeError(`no target ${wanted}; there are: ${[...targets.keys()].join(", ")}`);
    return found;
  });
}

/** The last line that is JSON. */
function readResult(stdout: string): FuzzResult | undefined {
  for (const line of stdout.trim().split("\n").reverse()) {
    if (!line.startsWith("{")) continue;
    return JSON.parse(line) as FuzzResult;
  }
  return undefined;
}

/** What a program did, when it is over or killed after so long. */
async function start(
  program: string,
  args: readonly string[],
  limitMs: number,
): Promise<{
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly hangs: boolean;
}> {
  const child = spawn(process.execPath, ["--conditions=@mayfly/source", program, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  let hangs = false;
  const limit = setTimeout(() => (hangs = child.kill("SIGKILL")), limitMs);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  clearTimeout(limit);
  return { status, stdout, stderr, hangs };
}

async function run({ program, argument }: FuzzTarget): Promise<FuzzResult> {
  const limitMs = seconds * 1_000 + graceMs;
  const { status, stdout, stderr, hangs } = await start(program, [argument, String(seconds), values.seed], limitMs);
  const result = readResult(stdout);
  if (hangs) return { ...result, error: "hangs" };
  if (result === undefined || (status !== 0 && result.error === undefined))
    return { ...result, error: `ended with ${status}: ${stderr.slice(-1_000)}` };
  // No program that did nothing has found nothing.
  if (result.error === undefined && !(Number(result.runs) > 0)) return { ...result, error: "ran no input" };
  return result;
}

function save(name: string, { input }: FuzzResult): string {
  if (input === undefined) return "";
  const folder = values.findings ?? mkdtempSync(join(tmpdir(), "mayfly-fuzz-"));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name.replace(":", "-")}-${values.seed}`);
  writeFileSync(file, Buffer.from(input, "base64"));
  return ` (input: ${file})`;
}

let [passed, failed] = [0, 0];
const waiting = chosen(await findTargets());

async function work(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [name, target] = next;
    const result = await run(target);
    const { runs = 0, taken = 0, slowest_ms = 0, error } = result;
    if (error === undefined) passed++;
    else failed++;
    const found = error === undefined ? "" : `: ${error}${save(name, result)}`;
    const counts = `${runs} runs, ${taken} taken, slowest ${Math.ceil(slowest_ms)} ms`;
    process.stdout.write(`${error === undefined ? "ok   " : "FAIL "} ${name}: ${counts}${found}\n`);
  }
}

process.stdout.write(`# ${waiting.length} targets, ${seconds} s each, seed ${values.seed}\n`);
await Promise.all(Array.from({ length: Number(values.jobs) }, work));
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
