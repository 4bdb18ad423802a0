// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode } from "@mayfly/registration";
import type { AgentMask, AgentMessage } from "@mayfly/rpc";
import { applyMask, type Mask } from "../wire/mask.ts";
import { sortSelectors } from "../wire/selector.ts";
import { toIdFields } from "../wire/spiffe-id.ts";

/** An attested node as the wire has it; fields outside the mask are left out. */
export function toAgentMessage(node: AttestedNode, mask: Mask<AgentMask>): Partial<AgentMessage> {
  const message: AgentMessage = {
    id: toIdFields(node.id),
    attestation_type: node.attestationType,
    x509svid_serial_number: node.serialNumber,
    x509svid_expires_at: String(node.expiresAt),
    selectors: sortSelectors(node.selectors),
    banned: node.serialNumber === "",
    can_reattest: node.canReattest,
    agent_version: node.agentVersion,
  };
  return applyMask(message, mask, "id");
}
