// SPDX-License-Identifier: Apache-2.0
import type { Framework } from "../framework.ts";

/** NIST CSF 2.0: PR.AA, and the neighbours that this record bears on. */
export const csf: Framework = {
  title: "NIST CSF 2.0",
  controls: [
    {
      id: "PR.AA-01",
      name: "Identities and credentials are managed",
      coverage: "covered",
      how: "Agents are registered, renewed and retired for ever; every SVID of a task is in the record.",
      shownBy: ["profiles", "retired", "identities"],
    },
    {
      id: "PR.AA-02",
      name: "Identities are proofed and bound to credentials",
      coverage: "covered",
      how: "A ticket is redeemed by one attested process on an attested node.",
      shownBy: ["tickets", "ticketsRefused"],
    },
    {
      id: "PR.AA-03",
      name: "Users, services and hardware are authenticated",
      coverage: "covered",
      how: "Every listener asks for an SVID, and acts are recorded with its serial. Nobody is let in without, so that nothing else shows here.",
      shownBy: ["certificatesShown", "requestsRefused"],
    },
    {
      id: "PR.AA-04",
      name: "Assertions are protected, conveyed and verified",
      coverage: "covered",
      how: "An account is made for a signed statement of one call, and approvals are signatures over one call, spent once.",
      shownBy: ["leases", "approvalsGiven", "approvalsUsed"],
    },
    {
      id: "PR.AA-05",
      name: "Permissions by policy, least privilege, separation of duties",
      coverage: "covered",
      how: "What is allowed is the task's scope within the agent's ceiling within the policies; owners don't approve.",
      shownBy: ["policyBound", "callsDenied", "approvalsGiven"],
    },
    {
      id: "PR.AA-06",
      name: "Physical access",
      coverage: "none",
      how: "Not a matter of software.",
      shownBy: [],
    },
    {
      id: "ID.AM",
      name: "Asset management",
      coverage: "partly",
      how: "Agents, tasks, leases and accounts at databases are listed. Hardware and data are not.",
      shownBy: ["profiles", "unmanaged"],
    },
    {
      id: "DE.CM",
      name: "Continuous monitoring",
      coverage: "partly",
      how: "Everything decided is recorded as it happens, and unmanaged accounts are reported. Nothing here judges behaviour.",
      shownBy: ["callsDenied", "requestsRefused", "unmanaged", "toolsQuarantined"],
    },
    {
      id: "RS.MI",
      name: "Incident mitigation",
      coverage: "covered",
      how: "Suspending and killing cut first and clean after; each end is recorded with its three times.",
      shownBy: ["suspensions", "kills", "quiet"],
    },
    {
      id: "GV.SC",
      name: "Supply chain risk",
      coverage: "none",
      how: "Suppliers are not assessed here.",
      shownBy: [],
    },
  ],
};
