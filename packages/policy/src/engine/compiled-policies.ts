// SPDX-License-Identifier: Apache-2.0
import type { Problem } from "@mayfly/tasks";
import { PolicyError, refuseFor } from "../errors.ts";
import { type Cedar, type CedarRequest, startCedar } from "./cedar.ts";
import { findTooDeep } from "./check-depth.ts";
import type { Evaluation, EvaluationFailure } from "./evaluation.ts";

/** Texts of a policy set: one static policy each, by id. */
export interface PolicyTexts {
  /** The whole schema, in Cedar's syntax. */
  readonly schema: string;
  readonly policies: Readonly<Record<string, string>>;
}

/** How long an evaluation may take. */
export interface TimeLimit {
  /** An answer that took longer is a deny; it can't be interrupted. Default 250. */
  readonly limitMs?: number | undefined;
  /** Milliseconds of a clock that never runs back. Default: processor time of this thread, so that a busy machine denies nothing. */
  readonly clockMs?: (() => number) | undefined;
}

const name = "mayfly";

/** A strictly validated policy set, parsed once, in an engine of its own. */
export class CompiledPolicies {
  readonly #texts: PolicyTexts;
  readonly #limitMs: number;
  readonly #clockMs: () => number;
  #cedar: Cedar | undefined;

  private constructor(texts: PolicyTexts, { limitMs = 250, clockMs = threadMs }: TimeLimit) {
    this.#texts = texts;
    this.#limitMs = limitMs;
    this.#clockMs = clockMs;
  }

  /** @throws {PolicyError} SCHEMA_INVALID, POLICY_INVALID, ENGINE_FAILED */
  static compile(texts: PolicyTexts, timeLimit: TimeLimit = {}): CompiledPolicies {
    const compiled = new CompiledPolicies(texts, timeLimit);
    try {
      const cedar = startCedar();
      validate(cedar, texts);
      compiled.#cedar = prepare(cedar, texts);
    } catch (cause) {
      if (cause instanceof PolicyError) throw cause;
      throw new PolicyError("ENGINE_FAILED", "the policy engine broke on this bundle", { cause });
    }
    return compiled;
  }

  /** Never throws; whatever goes wrong is a deny. */
  evaluate(request: CedarRequest): Evaluation {
    const started = this.#clockMs();
    try {
      this.#cedar ??= prepare(startCedar(), this.#texts);
      const answer = this.#cedar.statefulIsAuthorized({
        ...(request as Parameters<Cedar["isAuthorized"]>[0]),
        preparsedSchemaName: name,
        preparsedPolicySetId: name,
        validateRequest: true,
      });
      const evaluation = read(answer);
      const isLate = !(this.#clockMs() - started <= this.#limitMs);
      return isLate ? denied("TIME_LIMIT") : evaluation;
    } catch (cause) {
      // After a trap nothing in this memory can be relied on.
      this.#cedar = undefined;
      return denied("ENGINE_FAILED", cause instanceof Error ? cause.message : "unknown");
    }
  }
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function denied(failure: EvaluationFailure, message?: string): Evaluation {
  const errors = message === undefined ? [] : [{ policyId: "", message }];
  return { allowed: false, policyIds: [], errors, failure };
}

function read(answer: ReturnType<Cedar["statefulIsAuthorized"]>): Evaluation {
  if (answer.type !== "success") {
    return denied("REQUEST_REFUSED", answer.errors.map(({ message }) => message).join("; "));
  }
  const { decision, diagnostics } = answer.response;
  const errors = diagnostics.errors.map(({ policyId, error }) => ({ policyId, message: error.message }));
  const policyIds = diagnostics.reason.toSorted();
  // @NOTE Cedar skips a policy that fails: a forbid that can't be evaluated would let the call pass.
  if (errors.length > 0) return { allowed: false, policyIds: [], errors, failure: "EVALUATION_ERROR" };
  return { allowed: decision === "allow", policyIds, errors };
}

function validate(cedar: Cedar, { schema, policies }: PolicyTexts): void {
  const parsed = cedar.checkParseSchema(schema);
  if (parsed.type === "failure") {
    throw refuseFor(
      "SCHEMA_INVALID",
      parsed.errors.map(({ message }) => ({ path: "schema", problem: message })),
    );
  }
  const answer = cedar.validate({
    schema,
    policies: { staticPolicies: { ...policies } },
    validationSettings: { mode: "strict" },
  });
  if (answer.type === "failure")
    throw refuseFor(
      "POLICY_INVALID",
      answer.errors.map(({ message }) => ({ path: "policies", problem: message })),
    );
  // A warning is about a policy that can never apply or looks like another name: not what its author meant.
  const problems = [...answer.validationErrors, ...answer.validationWarnings].map(
    ({ policyId, error }): Problem => ({
      path: policyId,
      problem: error.help === null ? error.message : `${error.message} (${error.help})`,
    }),
  );
  problems.push(...findTooDeep(cedar, policies));
  if (problems.length > 0) throw refuseFor("POLICY_INVALID", problems);
}

function prepare(cedar: Cedar, { schema, policies }: PolicyTexts): Cedar {
  const answers = [
    cedar.preparseSchema(name, schema),
    cedar.preparsePolicySet(name, { staticPolicies: { ...policies } }),
  ];
  if (answers.some(({ type }) => type === "failure"))
    throw new PolicyError("POLICY_INVALID", "the policies can't be parsed");
  return cedar;
}
