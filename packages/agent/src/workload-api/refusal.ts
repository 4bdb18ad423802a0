// SPDX-License-Identifier: Apache-2.0
import { grpcCode } from "../grpc-code.ts";
import { type Reason, reasonDetail, StatusError } from "@mayfly/rpc";

/** Why the Workload API refuses; stable. What other entries there are is never told. */
export type RefusalCode =
  | "NO_MATCHING_ENTRY"
  | "IDENTITY_WITHDRAWN"
  | "IDENTITY_NOT_YOURS"
  | "CALLER_CHANGED"
  | "NODE_NOT_ATTESTED"
  | "NOT_SYNCED"
  | "ISSUE_FAILED"
  | "NO_BUNDLE"
  | "CALLER_NOT_ATTESTED"
  | "HEADER_MISSING"
  | "ARGUMENT_INVALID"
  | "TASK_OVER"
  | "TASK_SUSPENDED"
  | "TASK_NOT_CONFIRMED"
  | "TICKET_NOT_REDEEMED"
  | "TICKET_REFUSED"
  | "TOO_MANY_TICKETS"
  | "ALREADY_BOUND"
  | "TASKS_NOT_SUPPORTED"
  | "SHUTTING_DOWN";

const reasons: Readonly<Record<RefusalCode, Omit<Reason, "code">>> = {
  NO_MATCHING_ENTRY: {
    message: "No registration entry matches this process.",
    hint: "`mayfly explain --pid PID` shows what the agent sees of it and what is missing.",
  },
  IDENTITY_WITHDRAWN: {
    message: "The last registration entry that matched this process is gone.",
    hint: "`mayfly explain --pid PID` shows what is missing.",
  },
  IDENTITY_NOT_YOURS: { message: "The process is not entitled to the SPIFFE ID that it asked for.", hint: "" },
  CALLER_CHANGED: {
    message: "The process that opened this connection has ended, changed its user or runs another program.",
    hint: "Connect again from the program that shall have the identity.",
  },
  NODE_NOT_ATTESTED: { message: "The server does not accept this node.", hint: "Look into the agent's log." },
  NOT_SYNCED: { message: "The agent does not know yet what the server says.", hint: "Try again." },
  ISSUE_FAILED: { message: "The server could not be asked to issue the identity.", hint: "Try again." },
  NO_BUNDLE: { message: "The agent has no trust bundle yet.", hint: "Try again." },
  CALLER_NOT_ATTESTED: { message: "The process at the other end could not be attested.", hint: "Try again." },
  HEADER_MISSING: {
    message: "The request lacks the security header.",
    hint: "Send the metadata `workload.spiffe.io: true`.",
  },
  ARGUMENT_INVALID: { message: "A field of the request is not valid.", hint: "" },
  TASK_OVER: { message: "The task of this process has ended.", hint: "Start a new task." },
  TASK_SUSPENDED: { message: "The task of this process is suspended.", hint: "`mayfly task resume` lets it go on." },
  TASK_NOT_CONFIRMED: {
    message: "The server has been silent for too long to go on with the task of this process.",
    hint: "Try again.",
  },
  TICKET_NOT_REDEEMED: {
    message: "The server could not be asked about the ticket.",
    hint: "Try again; should the ticket be spent by now, start a new task.",
  },
  TICKET_REFUSED: {
    message: "The ticket is not good here.",
    hint: "A ticket is good once, for ten minutes at most, on the task's node, for a process of the agent's user.",
  },
  TOO_MANY_TICKETS: { message: "Too many tickets of this user were refused.", hint: "Try again in some seconds." },
  ALREADY_BOUND: {
    message: "The process is bound to a task already.",
    hint: "A process has one task at most: start another process for another one.",
  },
  TASKS_NOT_SUPPORTED: { message: "The agent's server knows no tasks.", hint: "Use a Mayfly server that has them." },
  SHUTTING_DOWN: { message: "The agent is shutting down.", hint: "Try again." },
};

/** Texts that clients match on (Workload API §6.1.1; the reference implementation's habits). */
const noIdentity = "no identity issued";

/** 7, "no identity issued". */
export function denied(code: RefusalCode): StatusError {
  return refusal(grpcCode.permissionDenied, noIdentity, code);
}

/** 14: worth another try. */
export function unavailable(code: RefusalCode, text: string = reasons[code].message): StatusError {
  return refusal(grpcCode.unavailable, text, code);
}

/** 3 with this text. */
export function invalidArgument(text: string, code: RefusalCode = "ARGUMENT_INVALID"): StatusError {
  return refusal(grpcCode.invalidArgument, text, code);
}

/** Why a ticket binds nobody, with the status that goes with it. */
export function refuseTicket(code: TicketRefusal): StatusError {
  return refusal(ticketStatus[code], reasons[code].message, code);
}

/** Why no task is bound. */
export type TicketRefusal = Extract<
  RefusalCode,
  "TICKET_REFUSED" | "TOO_MANY_TICKETS" | "ALREADY_BOUND" | "TASKS_NOT_SUPPORTED"
>;

const ticketStatus: Readonly<Record<TicketRefusal, number>> = {
  TICKET_REFUSED: grpcCode.permissionDenied,
  TOO_MANY_TICKETS: grpcCode.resourceExhausted,
  ALREADY_BOUND: grpcCode.failedPrecondition,
  TASKS_NOT_SUPPORTED: grpcCode.unimplemented,
};

function refusal(grpcStatus: number, text: string, code: RefusalCode): StatusError {
  return new StatusError(grpcStatus, text, [reasonDetail({ code, ...reasons[code] })]);
}
