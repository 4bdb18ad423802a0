// SPDX-License-Identifier: Apache-2.0
import { PolicyStore } from "@mayfly/policy";
import type { Logger } from "@mayfly/telemetry";
import { GatewayError } from "../errors.ts";
import type { GatewayConfig } from "./gateway-config.ts";
import { PolicyMark } from "./policy-mark.ts";
import { readPolicyDirectory, readPolicyKey } from "./read-policies.ts";

/** The policies of the configuration, in force and no older than what was before. @throws {GatewayError} POLICY_UNREADABLE, KEY_UNREADABLE */
export function openPolicies(config: GatewayConfig, log: Logger): PolicyStore {
  const trustedKey = readPolicyKey(config.policyKeyFile);
  const mark = new PolicyMark(config.dataDir);
  const minRevision = Math.max(mark.revision, config.policyMinRevision);
  const store = new PolicyStore(
    (event) => {
      if (event.kind === "refused") {
        log.error("policies_refused", { error: event.error, in_force: event.inForce });
        return;
      }
      log.info("policies_loaded", { digest: event.digest, revision: event.revision });
      mark.raise(event.revision);
    },
    { trustedKey, minRevision },
  );
  if (store.replace(() => readPolicyDirectory(config.policyDir))) return store;
  throw new GatewayError("POLICY_UNREADABLE", `the policies in ${config.policyDir} are refused: the log says why`);
}
