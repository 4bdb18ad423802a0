// SPDX-License-Identifier: Apache-2.0

/** What stands in the way of an identity. Stable: scripts may branch on it. `findingMeanings` says what each means. */
export type FindingCode =
  | "AGENT_NOT_CONNECTED"
  | "AGENT_NOT_SYNCED"
  | "ALIAS_MISSING_SELECTOR"
  | "ENTRY_EXPIRED"
  | "FOREIGN_TRUST_DOMAIN"
  | "HINT_TAKEN"
  | "MISSING_GROUP"
  | "MISSING_SELECTOR"
  | "NO_BUNDLE"
  | "NO_ENTRY"
  | "NO_SELECTORS"
  | "NODE_ALIAS"
  | "NODE_BANNED"
  | "NODE_EXPIRED"
  | "NODE_UNKNOWN"
  | "PARENT_CYCLE"
  | "PARENT_EXPIRED"
  | "PARENT_UNKNOWN"
  | "SELECTOR_NOT_ATTESTED"
  | "SPIFFE_ID_CASE"
  | "STORE_SVID"
  | "TASK_NOT_BOUND"
  | "WRONG_BINARY"
  | "WRONG_GROUP"
  | "WRONG_PARENT"
  | "WRONG_PATH"
  | "WRONG_TASK"
  | "WRONG_UID"
  | "WRONG_USER";

/** One obstacle, and the smallest change that would remove it. */
export interface Finding {
  readonly code: FindingCode;
  /** One sentence: what stands in the way. */
  readonly message: string;
  /** The smallest change that would help: on the side of the process or node first, then as a command. */
  readonly hint: string;
  /** Empty where the finding is about none, as in the next two. */
  readonly entryId: string;
  readonly spiffeId: string;
  readonly nodeId: string;
}

/** One sentence about each code, for people. */
export const findingMeanings: Readonly<Record<FindingCode, string>> = {
  AGENT_NOT_CONNECTED: "The node's agent has no stream to the server, so it holds what it held when the stream ended.",
  AGENT_NOT_SYNCED: "The node's agent did not yet acknowledge the newest entries.",
  ALIAS_MISSING_SELECTOR:
    "The entry hangs under a group of nodes, and the node lacks a selector that the group demands.",
  ENTRY_EXPIRED: "The entry's end has come.",
  FOREIGN_TRUST_DOMAIN: "The SPIFFE ID lies in a trust domain that is not this server's.",
  HINT_TAKEN: "Another matching entry with the same hint is older, and a hint names one identity only.",
  MISSING_GROUP: "The process is not in a supplementary group that the entry demands.",
  MISSING_SELECTOR: "The process lacks a selector that the entry demands.",
  NO_BUNDLE: "The entry federates with a trust domain whose bundle is not stored.",
  NO_ENTRY: "No entry fits what was asked, not even nearly.",
  NO_SELECTORS: "Nothing could be attested of the process.",
  NODE_ALIAS: "The entry names a group of nodes and yields no SVID itself.",
  NODE_BANNED: "The node is banned.",
  NODE_EXPIRED: "The node's own SVID ended without renewal.",
  NODE_UNKNOWN: "No node is attested under this ID.",
  PARENT_CYCLE: "The entry's ancestors lead back to themselves and to no node.",
  PARENT_EXPIRED: "An ancestor of the entry expired, and what hangs below it is out of reach.",
  PARENT_UNKNOWN: "The entry's parent, or an ancestor of it, is neither a node nor the SPIFFE ID of an entry.",
  SELECTOR_NOT_ATTESTED: "The agent attests no selectors of the kind that the entry demands.",
  SPIFFE_ID_CASE: "An entry exists for an ID that differs in capitals only, which is another identity.",
  STORE_SVID: "SVIDs of the entry go to secret stores only, never to the Workload API.",
  TASK_NOT_BOUND: "The entry is a task's, and the process is bound to none.",
  WRONG_BINARY: "The program is another file content than the entry demands.",
  WRONG_GROUP: "The process runs with another primary group than the entry demands.",
  WRONG_PARENT: "The entry hangs under another node.",
  WRONG_PATH: "The program lies at another path than the entry demands.",
  WRONG_TASK: "The process is bound to another task than the entry demands.",
  WRONG_UID: "The process runs under another user number than the entry demands.",
  WRONG_USER: "The process runs under another user name than the entry demands.",
};
