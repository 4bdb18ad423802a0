// SPDX-License-Identifier: Apache-2.0
import type { Framework } from "../framework.ts";

/** The GOVERN items of the NIST AI RMF 1.0 that bear on identity. MAP, MEASURE and MANAGE are not answered here. */
export const nistAiRmf: Framework = {
  title: "NIST AI RMF 1.0, GOVERN",
  controls: [
    {
      id: "GOVERN 1.3",
      name: "Effort by risk",
      coverage: "covered",
      how: "Four tiers set lifetimes, depth, approvals and how acts are recorded; a task gets the tier of its agent at most.",
      shownBy: ["profiles", "tasks"],
    },
    {
      id: "GOVERN 1.4",
      name: "Transparent policies and controls",
      coverage: "covered",
      how: "Decisions name their policies and the bundle's digest; mayfly policy explain tells why.",
      shownBy: ["policyBound"],
    },
    {
      id: "GOVERN 1.5",
      name: "Monitoring and periodic review",
      coverage: "partly",
      how: "A profile ends unless somebody renews it; mayfly inventory tells what was granted and never used. No review is scheduled here.",
      shownBy: ["profiles", "profilesChanged"],
    },
    {
      id: "GOVERN 1.6",
      name: "Inventory of AI systems",
      coverage: "covered",
      how: "The command mayfly inventory sets what is registered beside what was seen, unmanaged accounts among it.",
      shownBy: ["profiles", "unmanaged"],
    },
    {
      id: "GOVERN 1.7",
      name: "Safe decommissioning",
      coverage: "covered",
      how: "To retire an agent ends its tasks, and each thing that they held is proven to be gone.",
      shownBy: ["retired", "grantsGone", "quiet"],
    },
    {
      id: "GOVERN 2.1",
      name: "Roles and responsibility",
      coverage: "covered",
      how: "Every agent and task has an owner who is a registered person; acts are recorded under a person's name.",
      shownBy: ["operators", "operatorsChanged", "profiles", "tasks"],
    },
    {
      id: "GOVERN 3.2",
      name: "Human oversight",
      coverage: "covered",
      how: "By effect and tier a person signs a call, who is neither the one who asked nor the owner.",
      shownBy: ["approvalsAsked", "approvalsGiven", "approvalsDenied"],
    },
    {
      id: "GOVERN 4.3",
      name: "Testing, incidents, sharing of information",
      coverage: "partly",
      how: "Attacks are tests of this project, kills are recorded with their times. Nothing is shared with others.",
      shownBy: ["kills", "quiet"],
    },
    {
      id: "GOVERN 6.1",
      name: "Risks of third parties",
      coverage: "partly",
      how: "Tool servers are pinned by identity and tools by definition. Contracts and rights are not looked at.",
      shownBy: ["toolsPinned", "toolsQuarantined", "toolsApproved"],
    },
    {
      id: "GOVERN 6.2",
      name: "Contingency for failures of third parties",
      coverage: "none",
      how: "What to do without a third party is the operator's to plan.",
      shownBy: [],
    },
  ],
};
