// SPDX-License-Identifier: Apache-2.0
import type { SvidMethods } from "@mayfly/rpc";
import { callerName } from "../../authorization/caller.ts";
import type { AcceptableKeys } from "../../issuing/acceptable-key.ts";
import { parseCsr, provesKey } from "../../issuing/csr.ts";
import type { GuardedHandlers } from "../call.ts";
import { notImplemented } from "../not-implemented.ts";
import { invalidArgument, orInvalidArgument } from "../wire/refusal.ts";

/** Servers below this one: their requests are checked, but no authority is given away yet. */
export function downstreamHandlers({
  keys,
}: {
  readonly keys: AcceptableKeys;
}): Pick<GuardedHandlers<SvidMethods>, "NewDownstreamX509CA"> {
  return {
    NewDownstreamX509CA: ({ csr: der }, { caller }) => {
      const csr = orInvalidArgument("malformed CSR", () => parseCsr(der, keys, callerName(caller)));
      if (!provesKey(csr)) throw invalidArgument("invalid CSR signature: it does not belong to the key");
      throw notImplemented("NewDownstreamX509CA");
    },
  };
}
