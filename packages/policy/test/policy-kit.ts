// SPDX-License-Identifier: Apache-2.0
import { SpiffeId, type VerifiedPeer } from "@mayfly/spiffe";
import { parseTaskId } from "@mayfly/tasks";
import {
  type BundleTexts,
  type CallRequest,
  PolicyBundle,
  Principal,
  type TaskFacts,
  writeManifest,
} from "../src/index.ts";

export const schema =
  'type Arguments = { amount?: Long, order?: String, tags?: Set<String>, "files/write"?: { path: String, mode?: Long } };\n';

/** A peer whose chain was verified elsewhere. */
export function peerOf(id: string): VerifiedPeer {
  return { id: SpiffeId.parse(id), chain: [], notAfter: new Date("2027-01-01T00:00:00Z") };
}

const taskId = parseTaskId("t-abcdefghijklmnop");
export const parentTaskId = parseTaskId("t-bcdefghijklmnopq");
export const taskPeer: VerifiedPeer = peerOf(`spiffe://td.test/agent/ir-bot/task/${taskId}`);
export const taskFacts: TaskFacts = {
  id: taskId,
  agent: "ir-bot",
  owner: "dana",
  tier: "T2",
  depth: 1,
  ancestors: [parentTaskId],
};

export function callOf(changes: Partial<CallRequest> = {}): CallRequest {
  return {
    principal: Principal.ofTask(taskPeer, taskFacts),
    action: "call",
    tool: { server: "orders", tool: "refund", effect: "reversible" },
    arguments: { amount: 40, order: "o-7" },
    resources: ["orders/eu/7"],
    scope: { inScope: true, requestable: false },
    now: new Date("2026-11-25T12:00:00Z"),
    ...changes,
  };
}

export function sealed(policies: Record<string, string>, ownSchema: string | undefined = schema): BundleTexts {
  const texts = { policies, schema: ownSchema };
  return { ...texts, manifest: writeManifest(texts, 1) };
}

export function bundleOf(...policies: readonly string[]): PolicyBundle {
  return PolicyBundle.load(sealed(Object.fromEntries(policies.map((text, index) => [`p${String(index)}`, text]))));
}

/** One permit under this condition. */
export function permitWhen(condition: string): PolicyBundle {
  return bundleOf(`permit (principal, action, resource) when { ${condition} };`);
}

export const permitAll = "permit (principal, action, resource);";
