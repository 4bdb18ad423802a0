// SPDX-License-Identifier: Apache-2.0
import { workloadApiService } from "@mayfly/rpc";
import type { Observation, Reflected } from "../observation.ts";
import { code, describeOutcome, endedWith, type Outcome } from "../outcome.ts";
import { broken, demand, type Finding, type Row, unseen } from "../row.ts";

const standard = new Set(Object.keys(workloadApiService.methods));

function lists(outcome: Outcome<Reflected>): Finding {
  if (outcome.kind === "status") return broken(`the answer is ${describeOutcome(outcome)}`);
  return demand(outcome.message.services.includes(workloadApiService.name), "SpiffeWorkloadAPI is not listed");
}

function notExtended({ reflection }: Observation): Finding {
  const answers = [reflection.v1, reflection.v1alpha].flatMap((outcome) =>
    outcome.kind === "answer" ? [outcome.message] : [],
  );
  const methods = answers.find((answer) => answer.methods !== undefined)?.methods;
  if (methods === undefined) return unseen("needs server reflection");
  const own = methods.filter((name) => !standard.has(name));
  return demand(own.length === 0, `methods of its own: ${own.slice(0, 3).join(", ")}`);
}

function wantsHeader({ reflection: { v1alpha, withoutHeader } }: Observation): Finding {
  if (v1alpha.kind === "status") return unseen("needs server reflection");
  return demand(
    endedWith(withoutHeader, code.invalidArgument),
    `without the header it is ${describeOutcome(withoutHeader)}`,
  );
}

/** Workload Endpoint §7: what reflection shows. */
export const reflectionRows: readonly Row[] = [
  { id: "ENDPOINT-16", level: "MUST", title: "adds no method to SpiffeWorkloadAPI", check: notExtended },
  { id: "ENDPOINT-18", level: "SHOULD", title: "server reflection, v1", check: ({ reflection: { v1 } }) => lists(v1) },
  {
    id: "ENDPOINT-18",
    level: "SHOULD",
    title: "server reflection, v1alpha",
    check: ({ reflection: { v1alpha } }) => lists(v1alpha),
  },
  { id: "ENDPOINT-05", level: "SHOULD", title: "reflection asks for the header, too", check: wantsHeader },
];
