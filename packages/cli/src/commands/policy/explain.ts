// SPDX-License-Identifier: Apache-2.0
import { Command } from "commander";
import { explainRequest, type Explanation, type PolicyExplanation } from "@mayfly/policy";
import { parsedDocument } from "../../documents.ts";
import { exitCode } from "../../failure.ts";
import { printJson, printLine } from "../../output.ts";
import { invocation, withExample } from "../command.ts";
import { loadBundle } from "./bundle-directory.ts";

interface ExplainOptions {
  readonly bundle: string;
  readonly request: string;
  readonly trustedKey?: string;
}

function policyJson({ id, effect, why, applies, unmet }: PolicyExplanation): Record<string, unknown> {
  return { id, effect, why: why ?? null, applies, unmet: unmet.map((each) => ({ ...each })) };
}

function explanationJson({ decision, policies, blockers, closest }: Explanation): Record<string, unknown> {
  return {
    allowed: decision.allowed,
    requestable: decision.requestable,
    reason: decision.reason,
    argument: decision.argument ?? null,
    policy_ids: decision.policyIds,
    bundle_digest: decision.bundleDigest,
    policies: policies.map(policyJson),
    blockers,
    closest,
  };
}

function printPolicy({ id, effect, why, applies, unmet }: PolicyExplanation): void {
  printLine("");
  printLine([id, "bold"], `  ${effect}, ${applies ? "applies" : "does not apply"}`);
  if (why !== undefined) printLine(`  why    ${why}`);
  for (const { part, text, because } of unmet)
    printLine(`  unmet  ${part} ${text}${because === "error" ? "  (can't be evaluated on this request)" : ""}`);
}

function printExplanation({ decision, policies, blockers, closest }: Explanation): void {
  const { allowed, requestable, reason, argument, policyIds, bundleDigest } = decision;
  const answer = allowed ? "allowed" : requestable ? "denied, an approval would help" : "denied";
  printLine(
    [answer, allowed ? "green" : "red"],
    `: ${[reason, argument ?? "", ...policyIds].filter((text) => text !== "").join(" ")}`,
  );
  printLine(`bundle ${bundleDigest}`);
  for (const policy of policies) printPolicy(policy);
  printLine("");
  if (blockers.length > 0) printLine(`forbidden by ${blockers.join(", ")}: each alone makes it a no`);
  if (!allowed && closest.length > 0) printLine(`closest to a permit: ${closest.join(", ")}`);
}

/** `mayfly policy explain`: what a bundle says to a request, policy by policy. Exit 1 when it is a no. */
export function policyExplain(): Command {
  const command = new Command("explain")
    .description("why policies allow or deny a request, and what would change it; exit 1 when it is a no")
    .requiredOption("--bundle <dir>", "directory of the bundle")
    .requiredOption("--request <file>", "the request, in the form of a policy test, YAML or JSON; - = standard input")
    .option("--trusted-key <file>", "public key (PEM) that the bundle has to be signed with");
  const example = "mayfly policy explain --bundle policies/ --request request.yaml";
  return withExample(command, example).action((...parameters: unknown[]) => {
    const { options, format } = invocation<ExplainOptions>(parameters);
    const { bundle: directory, trustedKey } = options;
    const bundle = loadBundle({ directory, trustedKey, allowUnsealed: trustedKey === undefined });
    const explanation = parsedDocument(options.request, (document) => explainRequest(bundle, document));
    if (format === "json") printJson(explanationJson(explanation));
    else printExplanation(explanation);
    if (!explanation.decision.allowed) process.exitCode = exitCode.refused;
  });
}
