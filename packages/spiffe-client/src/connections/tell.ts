// SPDX-License-Identifier: Apache-2.0

/** Calls one who is only told: its failure becomes a warning of the process and changes nothing for others. */
export function tell(observer: () => void): void {
  try {
    observer();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
