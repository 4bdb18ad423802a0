// SPDX-License-Identifier: Apache-2.0
import type { PostgresLogin } from "@mayfly/testkit";

/** Where the parts are that the holder speaks to. */
export interface Places {
  readonly gateway: string;
  readonly brokerPort: number;
}

/** A task that sessions are held for. */
export interface HeldTask {
  readonly id: string;
  /** Of its SPIFFE ID. */
  readonly path: string;
}

/** A credential that a tool server was given. */
export interface Credential {
  readonly task: string;
  readonly login: PostgresLogin;
}

/** What the bench tells the holder. */
export type HolderOrder =
  | { readonly places: Places }
  | { readonly open: readonly HeldTask[] }
  /** Its end was proven: from now on nothing of it may answer. */
  | { readonly proven: string }
  /** Ask everything that is held and not proven to be over. */
  | { readonly control: true }
  | { readonly tell: true };

/** What the holder tells the bench. */
export type HolderWord =
  | { readonly tools: string }
  | { readonly opened: readonly Credential[] }
  | { readonly answering: number }
  | Told
  | { readonly failed: string };

/** What was seen since the last time. */
interface Told {
  /** How often a session or socket of a proven end was asked. */
  readonly asked: number;
  /** How often one answered. */
  readonly alive: number;
}

/** What the bench tells the storm. */
export type StormOrder =
  /** Log in with these from now on, and no others. */
  { readonly aim: readonly Credential[] } | { readonly proven: string } | { readonly tell: true };

/** What the storm did since the last time. */
export interface StormWord {
  readonly logins: number;
  readonly reads: number;
  /** Reads that were begun when the end of their task was proven. */
  readonly late: number;
}
