// SPDX-License-Identifier: Apache-2.0
import { reportFailure, toFailure } from "../failure.ts";
import type { OutputFormat } from "../output.ts";

/** Reloads; a configuration that is refused is reported, and the one in use stays. */
export function reloadFailure(reload: () => void, format: OutputFormat): void {
  try {
    reload();
  } catch (error) {
    reportFailure(toFailure(error), format === "json");
  }
}
