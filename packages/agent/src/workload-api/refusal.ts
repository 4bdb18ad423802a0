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

function refusal(grpcStatus: number, text: string, code: RefusalCode): StatusError {
  return new StatusError(grpcStatus, text, [reasonDetail({ code, ...reasons[code] })]);
}
