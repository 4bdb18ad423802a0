// SPDX-License-Identifier: Apache-2.0
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "vitest";
import { Certificate, X509Error } from "../../src/index.ts";

/**
 * A suite over a file of public test data, which lies beside the project and not in it (paths are relative to the project's root, where
 * tests are run from); `suite` gets its text. Without the data there is one skipped test that says so.
 */
export function describeVectors(title: string, file: string, suite: (json: string) => void): void {
  const path = `../shared/vectors/${file}`;
  if (!existsSync(path)) {
    it.skip(`${title}: there is no ${path}`);
    console.warn(`skipped ${title}: there is no ${path}`);
    return;
  }
  describe(title, () => {
    suite(readFileSync(path, "utf8"));
  });
}

/** "ok", or the code that says why not. */
export function verdictOf(action: () => unknown): string {
  try {
    action();
    return "ok";
  } catch (error) {
    if (error instanceof X509Error) return error.code;
    throw error;
  }
}

/** Certificates for building paths; those that can't be read are no help and no harm. */
export function readable(ders: readonly Uint8Array[]): Certificate[] {
  return ders.flatMap((der) => {
    try {
      return [Certificate.parse(der)];
    } catch (error) {
      if (error instanceof X509Error) return [];
      throw error;
    }
  });
}
