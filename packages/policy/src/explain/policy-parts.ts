// SPDX-License-Identifier: Apache-2.0
import type { Cedar, CedarRequest } from "../engine/cedar.ts";

/** A policy in Cedar's JSON. */
export type PolicyTree = Extract<ReturnType<Cedar["policyToJson"]>, { type: "success" }>["json"];

/** A condition or constraint of a policy that the request does not meet. */
export interface Unmet {
  readonly part: "principal" | "action" | "resource" | "when" | "unless";
  /** In Cedar's syntax. Of `unless`: what holds and should not. */
  readonly text: string;
  /** `error`: it can't be evaluated on this request. */
  readonly because: "false" | "error";
}

type Verdict = "true" | Unmet["because"];
type Condition = PolicyTree["conditions"][number];
type Expression = Condition["body"];

const anything: Pick<PolicyTree, "effect" | "principal" | "action" | "resource" | "conditions"> = {
  effect: "permit",
  principal: { op: "All" },
  action: { op: "All" },
  resource: { op: "All" },
  conditions: [],
};

/** Takes policies apart and asks for each part whether a request meets it. For people: costs about a millisecond a part. */
export class PolicyParts {
  readonly #cedar: Cedar;
  readonly #inputs: CedarRequest;

  constructor(cedar: Cedar, inputs: CedarRequest) {
    this.#cedar = cedar;
    this.#inputs = inputs;
  }

  /** What of a policy is not met; empty = it applies. */
  unmet(policy: PolicyTree): Unmet[] {
    const heads = (["principal", "action", "resource"] as const).flatMap((part): Unmet[] => {
      const verdict = this.#judge({ ...anything, [part]: policy[part] });
      return verdict === "true" ? [] : [{ part, text: this.#headText(policy, part), because: verdict }];
    });
    return [...heads, ...policy.conditions.flatMap((condition) => this.#unmetConditions(condition))];
  }

  /** One by one what is joined by `&&`. A part that fails for want of the guard before it is left out where that guard is false. */
  #unmetConditions({ kind, body }: Condition): Unmet[] {
    const bodies = kind === "when" ? conjuncts(body) : [body];
    const unmet = bodies.flatMap((each): Unmet[] => {
      const condition = { kind, body: each };
      const verdict = this.#judge({ ...anything, conditions: [condition] });
      return verdict === "true" ? [] : [{ part: kind, text: this.#conditionText(condition), because: verdict }];
    });
    const isFalse = unmet.some(({ because }) => because === "false");
    return unmet.filter(({ because }) => because === "false" || !isFalse);
  }

  #judge(policy: PolicyTree): Verdict {
    const answer = this.#cedar.isAuthorized({
      ...(this.#inputs as Parameters<Cedar["isAuthorized"]>[0]),
      policies: { staticPolicies: { part: policy } },
    });
    if (answer.type !== "success" || answer.response.diagnostics.errors.length > 0) return "error";
    return answer.response.decision === "allow" ? "true" : "false";
  }

  #headText(policy: PolicyTree, part: "principal" | "action" | "resource"): string {
    const text = this.#textOf({ ...anything, [part]: policy[part] });
    const head = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
    const names = {
      principal: /^\s*(principal[\s\S]*?),\s*action/,
      action: /,\s*(action[\s\S]*),\s*resource/,
      resource: /,\s*(resource[\s\S]*)$/,
    };
    return oneLine(names[part].exec(head)?.[1] ?? head);
  }

  #conditionText(condition: Condition): string {
    const text = this.#textOf({ ...anything, conditions: [condition] });
    return oneLine(text.slice(text.indexOf("{") + 1, text.lastIndexOf("}")));
  }

  #textOf(policy: PolicyTree): string {
    const answer = this.#cedar.policyToText(policy);
    return answer.type === "success" ? answer.text : "";
  }
}

function conjuncts(body: Expression): Expression[] {
  if (!("&&" in body)) return [body];
  const { left, right } = (body as Extract<Expression, { "&&": unknown }>)["&&"];
  return [...conjuncts(left), ...conjuncts(right)];
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
