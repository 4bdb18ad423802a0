// SPDX-License-Identifier: Apache-2.0
import { equal, ok } from "node:assert/strict";
import type { Finished } from "../../processes.ts";
import type { BotAnswer } from "../world/bot.ts";

/** The code of a refusal that an agent met, in whatever form: a denial, an answer of HTTP or gRPC. Undefined = it was none. */
export function refusalOf({ denied, error }: BotAnswer): string | undefined {
  if (typeof denied === "object" && denied !== null) return String((denied as { reason?: unknown }).reason);
  if (typeof error !== "object" || error === null) return undefined;
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  // The server's own code stands in the message of a gRPC error.
  return /\b[A-Z]+(?:_[A-Z]+)+\b/.exec(String(message))?.[0] ?? String(code);
}

/** Asserts which code refused it. */
export function assertRefused(answer: BotAnswer, ...codes: readonly string[]): string {
  const code = refusalOf(answer);
  ok(code !== undefined && codes.includes(code), `expected ${codes.join(" or ")}, got ${JSON.stringify(answer)}`);
  return code;
}

/** Asserts which code a command ended with. */
export function assertCommandRefused({ status, stderr }: Finished, code: string): string {
  const found = /^error: ([A-Z_]+): /m.exec(stderr)?.[1];
  ok(status === 1 && found === code, `expected ${code}, got exit code ${String(status)}: ${stderr}`);
  return code;
}

/** Asserts that a tool answered; its text. */
export function assertAnswered(answer: BotAnswer): string {
  equal(refusalOf(answer), undefined, JSON.stringify(answer));
  ok(typeof answer["text"] === "string", JSON.stringify(answer));
  return answer["text"];
}
