// SPDX-License-Identifier: Apache-2.0

/** Where the signing service tells what happened; events are stable snake_case names. `error` is for what a person must look at. */
export interface SigningLogger {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

const ignore = (): void => undefined;

/** Says nothing. */
export const silentSigningLogger: SigningLogger = { info: ignore, warn: ignore, error: ignore };
