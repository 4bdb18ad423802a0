// SPDX-License-Identifier: Apache-2.0
import { foreignEnvironment } from "../../compile-cache.ts";
import { CliFailure } from "../../failure.ts";

/** What this process is to become. */
export interface NextProgram {
  /** Absolute path. */
  readonly program: string;
  /** All of them, the name first. */
  readonly args: readonly string[];
  /** The Workload API, `unix:///…`. */
  readonly endpoint: string;
}

/** Node ignores these, and what is ignored stays so over exec; what is caught does not. */
const ignoredByNode = ["SIGPIPE", "SIGXFSZ"] as const;

/**
 * Replaces this process: the same pid and parent, the same standard streams; everything else that Node opened is closed by the kernel.
 * Does not return. @throws {CliFailure} NOT_STARTED
 */
export function become({ program, args, endpoint }: NextProgram): never {
  for (const name of ignoredByNode) process.on(name, () => undefined);
  blockAgain(process.stdout);
  blockAgain(process.stderr);
  try {
    if (process.execve === undefined) throw new TypeError("this system can't replace a process");
    process.execve(program, args, environmentOf(endpoint));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new CliFailure("NOT_STARTED", `cannot start ${JSON.stringify(program)}: ${code ?? message}`, { cause });
  }
  throw new CliFailure("NOT_STARTED", `cannot start ${JSON.stringify(program)}`);
}

/** The caller's, less what is about us, with the place where identities come from. */
function environmentOf(endpoint: string): Record<string, string> {
  const kept = Object.entries(foreignEnvironment()).flatMap(([name, value]): [string, string][] =>
    value === undefined || name.startsWith("MAYFLY_") ? [] : [[name, value]],
  );
  return { ...Object.fromEntries(kept), SPIFFE_ENDPOINT_SOCKET: endpoint };
}

/** Node reads and writes pipes without waiting, which is a property of the pipe and not of this process: other programs would lose output. */
function blockAgain(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as NodeJS.WriteStream & {
    readonly _handle?: { setBlocking?(blocking: boolean): number } | null;
  };
  handle?.setBlocking?.(true);
}
