// SPDX-License-Identifier: Apache-2.0
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { AgentError } from "../errors.ts";

const maxLength = 8192;

/** The text of a file with a secret, or of standard input for "-", without white space around it. @throws {AgentError} SECRET_UNREADABLE */
export async function readSecret(source: string): Promise<string> {
  const what = source === "-" ? "standard input" : JSON.stringify(source);
  try {
    const content = source === "-" ? await text(process.stdin) : await readFile(source, "utf8");
    const secret = content.trim();
    if (secret !== "" && secret.length <= maxLength) return secret;
  } catch (cause) {
    throw new AgentError("SECRET_UNREADABLE", `the secret in ${what} can't be read`, { cause });
  }
  throw new AgentError("SECRET_UNREADABLE", `there is no secret in ${what}, or it is too long`);
}
