// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode, NodeStore } from "@mayfly/registration";
import type { Clock } from "../clock.ts";
import type { PeerIdentity } from "../transport/connection.ts";
import type { LiveViews } from "../views/live-views.ts";

/** Why an identity is no agent; the names are those of `PermissionDeniedDetails.Reason`. */
export type AgentDenial = "AGENT_EXPIRED" | "AGENT_NOT_ATTESTED" | "AGENT_NOT_ACTIVE" | "AGENT_BANNED";

/** The attested node behind an identity, or why there is none. */
export type AgentVerdict = { readonly node: AttestedNode } | { readonly denial: AgentDenial };

/** Decides whether an identity is an active agent, and activates a renewed SVID at its first use. */
export class AgentCheck {
  readonly #nodes: NodeStore;
  readonly #views: LiveViews;
  readonly #clock: Clock;

  constructor(deps: { nodes: NodeStore; views: LiveViews; clock: Clock }) {
    this.#nodes = deps.nodes;
    this.#views = deps.views;
    this.#clock = deps.clock;
  }

  /** Never denies from memory. @throws when the store can't be read: that says nothing about the agent */
  async check(identity: PeerIdentity): Promise<AgentVerdict> {
    if (this.#clock.now() > identity.notAfter) return { denial: "AGENT_EXPIRED" };
    const known = this.#views.isFresh() ? this.#views.node(identity.id) : undefined;
    if (known !== undefined && known.serialNumber === identity.serialNumber) return { node: known };
    return await this.#decide(identity, await this.#nodes.get(identity.id));
  }

  async #decide({ id, serialNumber }: PeerIdentity, node: AttestedNode | undefined): Promise<AgentVerdict> {
    if (node === undefined) return { denial: "AGENT_NOT_ATTESTED" };
    if (node.serialNumber === "") return { denial: "AGENT_BANNED" };
    if (node.serialNumber === serialNumber) return { node };
    if (node.newSerialNumber !== serialNumber) return { denial: "AGENT_NOT_ACTIVE" };
    await this.#nodes.promote(id, serialNumber);
    // Whoever promoted it: the stored record decides.
    const promoted = await this.#nodes.get(id);
    if (promoted?.serialNumber === serialNumber) return { node: promoted };
    return promoted === undefined ? { denial: "AGENT_NOT_ATTESTED" } : { denial: promotedDenial(promoted) };
  }
}

function promotedDenial(node: AttestedNode): AgentDenial {
  return node.serialNumber === "" ? "AGENT_BANNED" : "AGENT_NOT_ACTIVE";
}
