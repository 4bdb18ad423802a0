// SPDX-License-Identifier: Apache-2.0
import type { AttestedNode, RegistrationEntry } from "@mayfly/registration";
import type { Operator, TaskId } from "@mayfly/tasks";
import type { PeerIdentity } from "../transport/connection.ts";

/** Who a call comes from, once it was allowed. */
export interface Caller {
  /** From the admin socket. */
  readonly local: boolean;
  /** Undefined: local or anonymous. */
  readonly identity: PeerIdentity | undefined;
  /** Set when the call was allowed because the caller is an agent. */
  readonly node: AttestedNode | undefined;
  /** Set when the call was allowed because of this registration entry: an operator's or a downstream server's. */
  readonly entry?: RegistrationEntry | undefined;
  /** Allowed because of the configuration's administrators, or of an entry with the admin flag. */
  readonly admin?: boolean | undefined;
  /** The registered operator that the identity is of; alone, or beside the right of an administrator. */
  readonly operator?: Operator | undefined;
  /** Set when the call was allowed because the caller is this active task. */
  readonly taskId?: TaskId | undefined;
  /** Set when the call was allowed because the caller is a gateway or broker by configuration. */
  readonly guard?: "gateway" | "broker" | undefined;
}

/** Name of the caller in logs and in the issuance log. */
export function callerName({ local, identity }: Caller): string {
  return local ? "local" : (identity?.id ?? "anonymous");
}
