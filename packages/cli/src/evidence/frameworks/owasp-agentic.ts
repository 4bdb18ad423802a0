// SPDX-License-Identifier: Apache-2.0
import type { Framework } from "../framework.ts";

/** OWASP Top 10 for Agentic Applications, 2026 edition. */
export const owaspAgentic: Framework = {
  title: "OWASP Top 10 for Agentic Applications 2026",
  controls: [
    {
      id: "ASI01",
      name: "Agent Goal Hijack",
      coverage: "partly",
      how: "What an agent may do comes from its task, never from text. Nothing here notices that a goal was hijacked.",
      shownBy: ["tasks", "callsDenied"],
    },
    {
      id: "ASI02",
      name: "Tool Misuse and Exploitation",
      coverage: "covered",
      how: "Each call is decided on tool and arguments, counted against a budget; a tool whose definition changes is quarantined.",
      shownBy: [
        "calls",
        "callsDenied",
        "toolsListed",
        "requestable",
        "budgetsSpent",
        "toolsPinned",
        "toolsQuarantined",
      ],
    },
    {
      id: "ASI03",
      name: "Identity and Privilege Abuse",
      coverage: "covered",
      how: "An identity per task, ending with it; delegation only narrows; the agent's credential is never passed on.",
      shownBy: ["identities", "certificatesShown", "children", "ticketsRefused", "requestsRefused"],
    },
    {
      id: "ASI04",
      name: "Agentic Supply Chain Vulnerabilities",
      coverage: "partly",
      how: "Identities are bound to attested processes, tool servers to SPIFFE IDs, tools to their definitions. Models and packages are not looked at.",
      shownBy: ["tickets", "ticketsRefused", "toolsPinned", "toolsQuarantined", "toolsApproved"],
    },
    {
      id: "ASI05",
      name: "Unexpected Code Execution",
      coverage: "partly",
      how: "An identity is one attested process's; what it starts has none, which the node's log shows and not this record. Execution is not confined.",
      shownBy: ["tickets", "ticketsRefused"],
    },
    {
      id: "ASI06",
      name: "Memory and Context Poisoning",
      coverage: "partly",
      how: "Accounts are made for tool servers and never given to agents, so that none is in their context. Memory is not inspected.",
      shownBy: ["leases", "leasesGone", "argumentDigests"],
    },
    {
      id: "ASI07",
      name: "Insecure Inter-Agent Communication",
      coverage: "partly",
      how: "Agents, gateways and tool servers speak mTLS with SVIDs of their own. Agent cards and protocols between agents are not covered.",
      shownBy: ["identities", "certificatesShown"],
    },
    {
      id: "ASI08",
      name: "Cascading Failures",
      coverage: "covered",
      how: "Depth and fan-out are capped by tier, budgets count the whole tree, suspending or ending a task takes all below it along.",
      shownBy: ["children", "budgetsSpent", "suspensions", "ends", "quiet"],
    },
    {
      id: "ASI09",
      name: "Human-Agent Trust Exploitation",
      coverage: "covered",
      how: "Approvers sign the call's own canonical arguments; neither who asked nor the owner can; one use, and silence is a no.",
      shownBy: ["approvalsAsked", "approvalsGiven", "approvalsDenied", "approvalsExpired", "approvalsUsed"],
    },
    {
      id: "ASI10",
      name: "Rogue Agents",
      coverage: "covered",
      how: "A kill goes past the agent, cuts what is open and proves each thing gone. Nothing here tells by behaviour who is rogue.",
      shownBy: ["kills", "suspensions", "grantsGone", "quiet"],
    },
  ],
};
