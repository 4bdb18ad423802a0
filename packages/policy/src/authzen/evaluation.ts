// SPDX-License-Identifier: Apache-2.0
import { AuthZenError } from "./authzen-error.ts";

/** Members that are not known to us; kept as they came. */
export type AuthZenProperties = Readonly<Record<string, unknown>>;

/** A subject or a resource. AuthZEN 1.0 §5.1, §5.2. */
export interface AuthZenEntity {
  readonly type: string;
  readonly id: string;
  readonly properties?: AuthZenProperties | undefined;
}

/** AuthZEN 1.0 §5.3. */
export interface AuthZenAction {
  readonly name: string;
  readonly properties?: AuthZenProperties | undefined;
}

/** A request for one decision. AuthZEN 1.0 §6. */
export interface AuthZenEvaluation {
  readonly subject: AuthZenEntity;
  readonly action: AuthZenAction;
  readonly resource: AuthZenEntity;
  readonly context?: AuthZenProperties | undefined;
}

/** A decision. A no is HTTP 200. AuthZEN 1.0 §6.2. */
export interface AuthZenDecision {
  readonly decision: boolean;
  readonly context?: AuthZenProperties | undefined;
}

const maxTextLength = 2_048;

/**
 * Reads parsed JSON; members that are not known are ignored, as the standard asks.
 * @throws {AuthZenError} MALFORMED (400)
 */
export function parseEvaluation(value: unknown): AuthZenEvaluation {
  const { subject, action, resource, context } = object(value, "the request");
  return {
    subject: entity(subject, "subject"),
    action: readAction(action),
    resource: entity(resource, "resource"),
    ...(context === undefined ? {} : { context: object(context, "context") }),
  };
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is AuthZenProperties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @throws {AuthZenError} MALFORMED */
export function object(value: unknown, path: string): AuthZenProperties {
  if (isObject(value)) return value;
  throw malformed(path, value === undefined ? "is missing" : "has to be an object");
}

function entity(value: unknown, path: string): AuthZenEntity {
  const { type, id, properties } = object(value, path);
  return { type: text(type, `${path}.type`), id: text(id, `${path}.id`), ...readProperties(properties, path) };
}

function readAction(value: unknown): AuthZenAction {
  const { name, properties } = object(value, "action");
  return { name: text(name, "action.name"), ...readProperties(properties, "action") };
}

function readProperties(value: unknown, path: string): { readonly properties?: AuthZenProperties } {
  return value === undefined ? {} : { properties: object(value, `${path}.properties`) };
}

function text(value: unknown, path: string): string {
  if (typeof value === "string" && value !== "" && value.length <= maxTextLength && value.isWellFormed()) return value;
  throw malformed(path, value === undefined ? "is missing" : "has to be a text");
}

function malformed(path: string, problem: string): AuthZenError {
  return new AuthZenError("MALFORMED", `${path} ${problem}`);
}
