// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { dirname } from "node:path";

/** Modes of a socket and of the directory that it is in. */
export interface SocketFacts {
  readonly socketMode: number;
  readonly directoryMode: number;
}

/** Looks at the file; undefined when it can't be looked at. */
export function socketFactsOf(path: string): SocketFacts | undefined {
  try {
    return { socketMode: statSync(path).mode, directoryMode: statSync(dirname(path)).mode };
  } catch {
    return undefined;
  }
}
