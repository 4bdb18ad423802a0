// SPDX-License-Identifier: Apache-2.0

/** Calls an observer: its failure becomes a warning of the process and changes nothing about the connection. */
export function tell(observer: () => void): void {
  try {
    observer();
  } catch (error) {
    process.emitWarning(error instanceof Error ? error : String(error));
  }
}
