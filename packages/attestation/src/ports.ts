// SPDX-License-Identifier: Apache-2.0
import type { Selector } from "@mayfly/registration";

/** Agent side of a node attestation method: makes evidence and answers challenges. */
export interface NodeAttestor {
  readonly type: string;
  /** The payload of the first message. */
  evidence(): Promise<Uint8Array>;
  /** The answer to one challenge. @throws AttestationError when the method knows no challenge */
  respond(challenge: Uint8Array): Promise<Uint8Array>;
}

/** Who a node is, once its evidence was accepted. */
export interface NodeIdentity {
  /** Path of the agent's SPIFFE ID below `/spire/agent`, such as `/x509pop/<fingerprint>`. */
  readonly agentPath: string;
  readonly selectors: readonly Selector[];
  readonly canReattest: boolean;
}

/** What a node brought, and the way to ask it for more. */
export interface NodeEvidence {
  readonly payload: Uint8Array;
  /** SPKI DER of the key in the agent's request, and whether the request's signature proves it. */
  readonly spki: Uint8Array;
  readonly keyProven: boolean;
  /** Sends one challenge and waits for the answer. */
  challenge(bytes: Uint8Array): Promise<Uint8Array>;
}

/** Server side of a node attestation method. */
export interface NodeVerifier {
  readonly type: string;
  /** @throws AttestationError with a stable code; the server maps codes to status */
  verify(evidence: NodeEvidence): Promise<NodeIdentity>;
}

/** The process at the other end of a Unix socket, pinned at accept. Disposing closes the pidfd. */
export interface PeerProcess extends Disposable {
  readonly pid: number;
  /** From SO_PEERCRED at accept. */
  readonly uid: number;
  readonly gid: number;
  /** Reads the process again; undefined when it is gone or is not the process that connected any more (exit, exec of another program, other uid). Every call re-checks that the pidfd names a live process after reading. */
  inspect(): Promise<ProcessFacts | undefined>;
  /** The process beyond this connection; undefined when it is gone or another one already. Who takes it disposes of it. */
  hold(): ProcessHold | undefined;
}

/** A process, pinned whatever program it runs: exec does not change it, and its children are others. Disposing lets it go. */
export interface ProcessHold extends Disposable {
  readonly pid: number;
  /** Clock ticks since boot; exec does not change it. */
  readonly startTime: string;
  /** Whether it lives, or waits for its parent to take note of its end. A process that was given its id later is not it. False after disposal. */
  isAlive(): boolean;
}

/** What the kernel says of a process now. */
export interface ProcessFacts {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly supplementaryGids: readonly number[];
  /** Target of /proc/PID/exe; undefined where it can't be read or the file was deleted. */
  readonly path: string | undefined;
  /** "dev:ino" of the running executable. */
  readonly executable: string | undefined;
  /** Clock ticks since boot. */
  readonly startTime: string;
  /** Hex SHA-256 of the running executable, computed on demand from /proc/PID/exe. */
  sha256(): Promise<string | undefined>;
}

/** One workload attestation method: a process to selectors. */
export interface WorkloadAttestor {
  readonly type: string;
  /**
   * Selectors of the process. `wanted` names the kinds that somebody will look at, as `type:key` such as `unix:sha256`; costly kinds
   * that are not among them may be left out. undefined = everything.
   */
  attest(facts: ProcessFacts, wanted?: ReadonlySet<string>): Promise<readonly Selector[]>;
}
