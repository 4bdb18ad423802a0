// SPDX-License-Identifier: Apache-2.0
export { AttestationError, type AttestationErrorCode } from "./errors.ts";
export { createJoinTokenAttestor } from "./node/join-token/agent.ts";
export { encodeEnrolment, type Enrolment, parseEnrolment, pinOf } from "./node/join-token/enrolment.ts";
export { createJoinTokenVerifier, type JoinTokenVerifierOptions } from "./node/join-token/server.ts";
export { createX509popAttestor, type X509popAttestorOptions } from "./node/x509pop/agent.ts";
export { createX509popVerifier, type X509popVerifierOptions } from "./node/x509pop/server.ts";
export { openPeerProcess } from "./peer-process.ts";
export type {
  NodeAttestor,
  NodeEvidence,
  NodeIdentity,
  NodeVerifier,
  PeerProcess,
  ProcessFacts,
  ProcessHold,
  WorkloadAttestor,
} from "./ports.ts";
export { observeProcess, type ObservedProcess } from "./process-facts.ts";
export { retakeProcess } from "./process-hold.ts";
export { readProcessSpace } from "./process-space.ts";
export { createUnixAttestor, type UnixAttestorOptions } from "./workload/unix.ts";
