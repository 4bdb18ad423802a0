// SPDX-License-Identifier: Apache-2.0

/** A parser of untrusted input. */
export interface FuzzTarget {
  /** Well-formed inputs to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Pieces that mean something to it. */
  readonly words: readonly Uint8Array[];
  /** What it may throw, and nothing else. */
  readonly error: abstract new (
    ...args: never[]
  ) => Error;
  /** Runs it with everything that may be asked of the result. @throws the error above; any other for a fault */
  readonly run: (input: Uint8Array) => unknown;
}

class Fault extends Error {}

/** For what must be true of every result. @throws an error that no target expects */
export function assertHolds(condition: boolean, what: string): void {
  if (!condition) throw new Fault(what);
}

/** Whether an action went through; false for the error that it may throw. Others pass. */
export function attempt(action: () => unknown, error: FuzzTarget["error"]): boolean {
  try {
    action();
    return true;
  } catch (thrown) {
    if (thrown instanceof error) return false;
    throw thrown;
  }
}

/** Whether a target takes an input. @throws what it may not throw */
export async function isTaken({ run, error }: FuzzTarget, input: Uint8Array): Promise<boolean> {
  try {
    await run(input);
    return true;
  } catch (thrown) {
    if (thrown instanceof error) return false;
    throw thrown;
  }
}
