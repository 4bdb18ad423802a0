// SPDX-License-Identifier: Apache-2.0
import { limits } from "../limits.ts";
import { AuthZenError } from "./authzen-error.ts";
import {
  type AuthZenDecision,
  type AuthZenEvaluation,
  type AuthZenProperties,
  isObject,
  object,
  parseEvaluation,
} from "./evaluation.ts";

/** When a batch ends. AuthZEN 1.0 §7.1.2. */
export type EvaluationsSemantic = "execute_all" | "deny_on_first_deny" | "permit_on_first_permit";

/** Several requests in one, in order; one that is malformed stands as its error. AuthZEN 1.0 §7. */
export interface AuthZenEvaluations {
  readonly semantic: EvaluationsSemantic;
  readonly evaluations: readonly (AuthZenEvaluation | AuthZenError)[];
}

/** Decides one request; what it throws is answered as a no. */
export type DecideEvaluation = (evaluation: AuthZenEvaluation) => AuthZenDecision | Promise<AuthZenDecision>;

const semantics: readonly EvaluationsSemantic[] = ["execute_all", "deny_on_first_deny", "permit_on_first_permit"];
// Members of an evaluation, with what it takes from the default where its own member lacks it.
const defaultable: Readonly<Record<string, readonly string[]>> = {
  subject: ["type", "id"],
  action: ["name"],
  resource: ["type", "id"],
  context: [],
};

/**
 * Reads parsed JSON of the evaluations endpoint. Without a list, or with an empty one, it is one request like any other. Members at the
 * top are defaults that an evaluation replaces whole; only a `type`, `id` or `name` that is missing there is taken from the default.
 * @throws {AuthZenError} MALFORMED, TOO_MANY (400)
 */
export function parseEvaluations(value: unknown): AuthZenEvaluations | AuthZenEvaluation {
  const request = object(value, "the request");
  const { evaluations, options } = request;
  if (evaluations === undefined) return parseEvaluation(value);
  if (!Array.isArray(evaluations)) throw new AuthZenError("MALFORMED", "evaluations has to be a list");
  if (evaluations.length === 0) return parseEvaluation(value);
  if (evaluations.length > limits.evaluations) {
    throw new AuthZenError("TOO_MANY", `at most ${String(limits.evaluations)} evaluations are answered at once`);
  }
  return {
    semantic: readSemantic(options),
    evaluations: evaluations.map((each: unknown) => parseItem(each, request)),
  };
}

/** Answers in order; the list ends where the semantic says so. One request alone has one answer. */
export async function answerEvaluations(
  request: AuthZenEvaluations | AuthZenEvaluation,
  decide: DecideEvaluation,
): Promise<AuthZenDecision | { readonly evaluations: readonly AuthZenDecision[] }> {
  if (!("evaluations" in request)) return decideOne(request, decide);
  const last = { execute_all: undefined, deny_on_first_deny: false, permit_on_first_permit: true }[request.semantic];
  const evaluations: AuthZenDecision[] = [];
  for (const each of request.evaluations) {
    const answer = await decideOne(each, decide);
    evaluations.push(answer);
    if (answer.decision === last) break;
  }
  return { evaluations };
}

async function decideOne(each: AuthZenEvaluation | AuthZenError, decide: DecideEvaluation): Promise<AuthZenDecision> {
  try {
    return each instanceof AuthZenError ? errorDecision(each) : await decide(each);
  } catch (error) {
    return errorDecision(error);
  }
}

function errorDecision(error: unknown): AuthZenDecision {
  const isTheirs = error instanceof AuthZenError;
  const shown = isTheirs ? { status: error.status, message: error.message } : { status: 500, message: "no decision" };
  return { decision: false, context: { error: shown } };
}

function parseItem(value: unknown, defaults: AuthZenProperties): AuthZenEvaluation | AuthZenError {
  try {
    const item = object(value, "an evaluation");
    const members = Object.keys(defaultable).filter(
      (name) => Object.hasOwn(item, name) || Object.hasOwn(defaults, name),
    );
    return parseEvaluation(Object.fromEntries(members.map((name) => [name, readMember(name, item, defaults)])));
  } catch (error) {
    if (error instanceof AuthZenError) return error;
    throw error;
  }
}

function readMember(name: string, item: AuthZenProperties, { [name]: byDefault }: AuthZenProperties): unknown {
  const own = item[name];
  if (!Object.hasOwn(item, name)) return byDefault;
  if (!isObject(own) || !isObject(byDefault)) return own;
  const missing = (defaultable[name] ?? []).filter(
    (each) => !Object.hasOwn(own, each) && Object.hasOwn(byDefault, each),
  );
  return { ...own, ...Object.fromEntries(missing.map((each) => [each, byDefault[each]])) };
}

function readSemantic(options: unknown): EvaluationsSemantic {
  if (options === undefined) return "execute_all";
  const { evaluations_semantic: value = "execute_all" } = object(options, "options");
  const semantic = semantics.find((each) => each === value);
  if (semantic === undefined)
    throw new AuthZenError("MALFORMED", `evaluations_semantic is none of ${semantics.join(", ")}`);
  return semantic;
}
