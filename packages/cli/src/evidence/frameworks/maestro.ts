// SPDX-License-Identifier: Apache-2.0
import type { Framework } from "../framework.ts";

/** Layers of the CSA's MAESTRO threat model. */
export const maestro: Framework = {
  title: "CSA MAESTRO",
  controls: [
    {
      id: "L1",
      name: "Foundation models",
      coverage: "none",
      how: "Models are no principals here, and nothing looks into them: their output has no authority, and that is all.",
      shownBy: [],
    },
    {
      id: "L2",
      name: "Data operations",
      coverage: "partly",
      how: "Which data a call may name is limited by the task; accounts at databases exist for one call. Labels of data are not known here.",
      shownBy: ["callsDenied", "leases", "leasesGone"],
    },
    {
      id: "L3",
      name: "Agent frameworks",
      coverage: "covered",
      how: "Calls are decided in another process with an identity of its own; tool servers accept the gateway's only.",
      shownBy: ["calls", "outcomes", "callsDenied", "toolsListed"],
    },
    {
      id: "L4",
      name: "Deployment and infrastructure",
      coverage: "partly",
      how: "Nodes and processes are attested; killing a node bans it and ends its tasks. Bans by `node ban` are in the server's log and not in this record. Hosts are not hardened.",
      shownBy: ["tickets", "ticketsRefused", "kills"],
    },
    {
      id: "L5",
      name: "Evaluation and observability",
      coverage: "covered",
      how: "Intent and outcome of every act are in a signed Merkle log that anybody verifies with its public key.",
      shownBy: ["records", "calls", "outcomes"],
    },
    {
      id: "L6",
      name: "Security and compliance",
      coverage: "covered",
      how: "Decisions name the digest of the policy bundle that made them; who has a call's arguments can decide it again under that bundle.",
      shownBy: ["policyBound", "argumentDigests"],
    },
    {
      id: "L7",
      name: "Agent ecosystem",
      coverage: "partly",
      how: "Impersonation, misuse of tools and rogue agents are answered inside one trust domain. Agents of others are not.",
      shownBy: ["identities", "certificatesShown", "requestsRefused", "kills"],
    },
    {
      id: "X",
      name: "Across layers",
      coverage: "covered",
      how: "The tree of a task is what is contained: one end takes all identities, leases and connections of it.",
      shownBy: ["children", "ends", "grantsGone", "quiet"],
    },
  ],
};
