// SPDX-License-Identifier: Apache-2.0
import { CallStatementError } from "../errors.ts";

/** What a gateway says of one tool call that it let through. Ids are those of the record; no argument is in it. */
export interface CallClaims {
  /** Task that the call belongs to. */
  readonly task: string;
  /** The call itself: whoever acts on the statement may do so for this call only. */
  readonly call: string;
  /** Tool, as the tool server names it. */
  readonly tool: string;
  /** Digest of the canonical arguments, with its algorithm in front: `sha-256:<hex>`. */
  readonly argumentsDigest: string;
  /** Approval that was consumed for it, if any. */
  readonly approval?: string | undefined;
}

/** Claims with who made them, for whom, and when. */
export interface CallStatement extends CallClaims {
  /** SPIFFE ID of the gateway. */
  readonly issuer: string;
  /** SPIFFE IDs it is meant for, 1 to 4: the tool server's, and others that it may show it to. */
  readonly audience: readonly string[];
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** The longest that a statement may be of use, seconds. */
export const maxStatementSeconds = 60;

const maxAudience = 4;
const idText = /^[\x21-\x7e]{1,2048}$/;
const shortText = /^[\x20-\x7e]{1,256}$/;

/** The payload's members, in the order in which they are written: exactly one text for one statement. */
export function formatClaims(statement: CallStatement): string {
  const { issuer, audience, task, call, tool, argumentsDigest, approval } = statement;
  const [iat, exp] = [statement.issuedAt, statement.expiresAt].map((at) => Math.floor(at.getTime() / 1000));
  const rest = approval === undefined ? {} : { approval };
  return JSON.stringify({ iss: issuer, aud: audience, iat, exp, task, call, tool, args: argumentsDigest, ...rest });
}

/**
 * The opposite; refuses every other spelling of the same, so that no two readers differ about it.
 * @throws {CallStatementError} MALFORMED
 */
export function parseClaims(text: string): CallStatement {
  const value = readObject(text);
  const { iss, aud, iat, exp, task, call, tool, args, approval } = value;
  const statement: CallStatement = {
    issuer: textOf(iss, idText, "iss"),
    audience: readAudience(aud),
    issuedAt: timeOf(iat, "iat"),
    expiresAt: timeOf(exp, "exp"),
    task: textOf(task, shortText, "task"),
    call: textOf(call, shortText, "call"),
    tool: textOf(tool, shortText, "tool"),
    argumentsDigest: textOf(args, shortText, "args"),
    ...(approval === undefined ? {} : { approval: textOf(approval, shortText, "approval") }),
  };
  if (formatClaims(statement) !== text) throw malformed("the claims are not in their one form");
  return statement;
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Below.
  }
  throw malformed("the claims are no JSON object");
}

function readAudience(value: unknown): readonly string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > maxAudience) {
    throw malformed(`aud is a list of 1 to ${maxAudience} SPIFFE IDs`);
  }
  return value.map((one) => textOf(one, idText, "aud"));
}

function textOf(value: unknown, pattern: RegExp, name: string): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw malformed(`${name} is missing or no such text`);
}

function timeOf(value: unknown, name: string): Date {
  const latest = 8_640_000_000_000; // of a Date, in seconds
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= latest)
    return new Date(value * 1000);
  throw malformed(`${name} is no time in seconds`);
}

function malformed(message: string): CallStatementError {
  return new CallStatementError("MALFORMED", `a call statement: ${message}`);
}
