// SPDX-License-Identifier: Apache-2.0
import { PolicyError } from "../errors.ts";
import { builtInSchema, contextMembers } from "./built-in-schema.ts";
import { CompiledPolicies, type PolicyTexts, type TimeLimit } from "./compiled-policies.ts";
import { type DeclaredArguments, readDeclaredArguments } from "./declared-arguments.ts";

/** What the policies of a bundle speak of. */
export interface Vocabulary {
  readonly declared: DeclaredArguments;
  /** Members of `context` that are put to the policies. */
  readonly members: ReadonlySet<string>;
}

/** Policies with the vocabulary that they were compiled for. */
export interface VocalPolicies {
  readonly compiled: CompiledPolicies;
  readonly vocabulary: Vocabulary;
  /** The whole schema that requests are checked against. */
  readonly schema: string;
}

/**
 * Compiles policies for requests that carry what the policies speak of and no more: a value that no policy looks at costs time in each
 * decision and has no place in its record.
 * @throws {PolicyError} SCHEMA_INVALID, POLICY_INVALID, ENGINE_FAILED
 */
export function compileVocal(
  policies: PolicyTexts["policies"],
  ownSchema: string,
  timeLimit: TimeLimit,
): VocalPolicies {
  const texts = Object.values(policies);
  const spoken = contextMembers.filter((name) => texts.some((text) => text.includes(name)));
  try {
    return compileFor(spoken, policies, ownSchema, timeLimit);
  } catch (error) {
    // A policy may spell a name with escapes, or compare the context as a whole.
    if (!(error instanceof PolicyError) || error.code !== "POLICY_INVALID") throw error;
    return compileFor(contextMembers, policies, ownSchema, timeLimit);
  }
}

function compileFor(
  members: readonly string[],
  policies: PolicyTexts["policies"],
  ownSchema: string,
  timeLimit: TimeLimit,
): VocalPolicies {
  const schema = `${builtInSchema(members)}\n${ownSchema}`;
  const compiled = CompiledPolicies.compile({ schema, policies }, timeLimit);
  return { compiled, schema, vocabulary: { declared: readDeclaredArguments(schema), members: new Set(members) } };
}
