// SPDX-License-Identifier: Apache-2.0
export type {
  NodeAttestor,
  NodeEvidence,
  NodeIdentity,
  NodeVerifier,
  PeerProcess,
  ProcessFacts,
  WorkloadAttestor,
} from "./ports.ts";
