// SPDX-License-Identifier: Apache-2.0
import { createLogger } from "../src/index.ts";

/** Logs a refusal twice: as it was met, and after more was asked for. */
export function logRefusal(destination: NodeJS.WritableStream): void {
  const logger = createLogger({ level: "info", format: "text", destination });
  const forCall = logger.child({ method: "AttestAgent", join_token: "8f1c" });
  forCall.warn("attestation_refused", { address: "10.0.0.7", reason: new Error("token unknown") });
  logger.level = "debug";
  forCall.debug("attestation_evidence", { csr: new Uint8Array(300) });
}
