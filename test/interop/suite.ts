// SPDX-License-Identifier: Apache-2.0

/** Collects cases of the interop suites, runs them in order of registration, counts. */
export class Suite {
  #passed = 0;
  #failed = 0;

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed;
  }

  /** Runs one case; a failure is printed and counted, and the next case goes on. */
  async check(name: string, run: () => unknown): Promise<void> {
    const started = performance.now();
    try {
      await run();
      this.#passed++;
      process.stdout.write(`ok    ${name} (${((performance.now() - started) / 1000).toFixed(1)} s)\n`);
    } catch (error) {
      this.#failed++;
      process.stdout.write(`FAIL  ${name}\n${indent(error instanceof Error ? error.message : String(error))}\n`);
    }
  }
}

function indent(text: string): string {
  return text.slice(-6_000).replace(/^/gm, "      ");
}

/** Throws with `message` unless the condition holds. */
export function expect(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message);
}
