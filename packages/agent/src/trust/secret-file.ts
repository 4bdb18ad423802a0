// SPDX-License-Identifier: Apache-2.0
import { createReadStream } from "node:fs";
import { AgentError } from "../errors.ts";

const maxLength = 8192;

/** Reads until it is more than a secret can be: a device or a pipe may have no end. */
async function textUpTo(limit: number, input: NodeJS.ReadableStream): Promise<string> {
  let content = "";
  for await (const chunk of input.setEncoding("utf8")) {
    content += String(chunk);
    if (content.length > limit) break;
  }
  return content;
}

/** The text of a file with a secret, or of standard input for "-", without white space around it. @throws {AgentError} SECRET_UNREADABLE */
export async function readSecret(source: string): Promise<string> {
  const what = source === "-" ? "standard input" : JSON.stringify(source);
  try {
    const secret = (await textUpTo(maxLength, source === "-" ? process.stdin : createReadStream(source))).trim();
    if (secret !== "" && secret.length <= maxLength) return secret;
  } catch (cause) {
    throw new AgentError("SECRET_UNREADABLE", `the secret in ${what} can't be read`, { cause });
  }
  throw new AgentError("SECRET_UNREADABLE", `there is no secret in ${what}, or it is too long`);
}
