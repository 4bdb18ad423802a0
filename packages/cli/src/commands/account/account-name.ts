// SPDX-License-Identifier: Apache-2.0
import { InvalidArgumentError } from "commander";

/** Which account at which back-end. */
export interface NamedAccount {
  readonly target: string;
  readonly account: string;
}

/** `target/account`, as `mayfly account list` prints it. */
export function accountName(text: string): NamedAccount {
  const [, target, account] = /^([a-z0-9][a-z0-9-]{0,31})\/(.{1,256})$/s.exec(text) ?? [];
  if (target === undefined || account === undefined)
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not target/account`);
  return { target, account };
}
