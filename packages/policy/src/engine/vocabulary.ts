// SPDX-License-Identifier: Apache-2.0
import { builtInSchema, contextMembers } from "./built-in-schema.ts";
import { CompiledPolicies, type PolicyTexts, type TimeLimit } from "./compiled-policies.ts";
import { type DeclaredArguments, readDeclaredArguments } from "./declared-arguments.ts";

/** What the policies of a bundle speak of: no more is put to them. */
export interface Vocabulary {
  /** Members of `context`. */
  readonly members: ReadonlySet<string>;
  readonly declared: DeclaredArguments;
  /** Whether any policy may look at this argument, or at entities of this type. */
  readonly speaksOf: (name: string) => boolean;
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
  // A name is a word of the text, unless it is spelled with escapes.
  const isPlain = !texts.some((text) => text.includes("\\"));
  const speaksOf = (name: string): boolean => !isPlain || texts.some((text) => text.includes(name));
  const schema = `${builtInSchema(contextMembers.filter(speaksOf))}\n${ownSchema}`;
  const compiled = CompiledPolicies.compile({ schema, policies }, timeLimit);
  const declared = readDeclaredArguments(schema);
  const members = new Set(contextMembers.filter(speaksOf));
  return { compiled, schema, vocabulary: { members, declared, speaksOf: remembered(speaksOf) } };
}

/** Answers for names that are asked for again and again: declared arguments and types of entities. */
function remembered(ask: (name: string) => boolean): (name: string) => boolean {
  const answers = new Map<string, boolean>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined) return known;
    const answer = ask(name);
    answers.set(name, answer);
    return answer;
  };
}
