// SPDX-License-Identifier: Apache-2.0
import type { Attack } from "./attack.ts";
import { anothersStatement } from "./anothers-statement.ts";
import { anothersTicket } from "./anothers-ticket.ts";
import { editedArguments } from "./edited-arguments.ts";
import { expiredSession } from "./expired-session.ts";
import { killedBroker } from "./killed-broker.ts";
import { pastTheGateway } from "./past-the-gateway.ts";
import { replayedApproval } from "./replayed-approval.ts";
import { statementForAnother } from "./statement-for-another.ts";
import { swappedDefinition } from "./swapped-definition.ts";
import { twoTools } from "./two-tools.ts";

/** All of them, in order. They leave the world working: one may be run after the other, the last one with nobody else at the database. */
export const attacks: readonly Attack[] = [
  anothersStatement,
  statementForAnother,
  expiredSession,
  pastTheGateway,
  twoTools,
  replayedApproval,
  editedArguments,
  anothersTicket,
  swappedDefinition,
  killedBroker,
];
