// SPDX-License-Identifier: Apache-2.0
import { AttestationError } from "./errors.ts";
import { openPeerPidfd, type PeerCredentials, readPeerCredentials } from "./kernel-calls.ts";
import type { PeerProcess, ProcessFacts, ProcessHold } from "./ports.ts";
import { observeProcess, type ObservedProcess } from "./process-facts.ts";
import { PinnedHold } from "./process-hold.ts";
import { SharedPidfd } from "./shared-pidfd.ts";

/**
 * Pins the process at the other end of an accepted Unix socket; call it at once after accept. What it is now is what it must stay: a later
 * `inspect` gives undefined when it ended, runs another program, or has another uid or gid. A process that kept its socket over
 * exec into the very same file is told apart only where the agent may see its memory layout (root, or the same user).
 * @param fd descriptor of the socket
 * @throws {AttestationError} PEER_UNKNOWN when the kernel names no process (not a Unix socket, another PID namespace); PEER_GONE
 */
export function openPeerProcess(fd: number): PeerProcess {
  const credentials = readPeerCredentials(fd);
  if (credentials === undefined || credentials.pid <= 0) {
    throw new AttestationError("PEER_UNKNOWN", "the kernel does not name the process at the other end");
  }
  const pidfd = openPeerPidfd(fd);
  if (pidfd === "gone") throw gone();
  const held = pidfd === "unsupported" ? undefined : new SharedPidfd(pidfd);
  try {
    const pinned = observeProcess(credentials.pid);
    if (pinned === undefined || !isSame(pinned, pinned, credentials) || !isAlive(held, pinned)) throw gone();
    return new PinnedProcess(credentials, pinned, held);
  } catch (error) {
    held?.release();
    throw error;
  }
}

class PinnedProcess implements PeerProcess {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly #credentials: PeerCredentials;
  readonly #pinned: ObservedProcess;
  readonly #pidfd: SharedPidfd | undefined;
  #disposed = false;

  constructor(credentials: PeerCredentials, pinned: ObservedProcess, pidfd: SharedPidfd | undefined) {
    this.pid = credentials.pid;
    this.uid = credentials.uid;
    this.gid = credentials.gid;
    this.#credentials = credentials;
    this.#pinned = pinned;
    this.#pidfd = pidfd;
  }

  async inspect(): Promise<ProcessFacts | undefined> {
    return this.#inspect();
  }

  hold(): ProcessHold | undefined {
    const facts = this.#inspect();
    return facts && new PinnedHold(facts.pid, facts.startTime, this.#pidfd?.share());
  }

  [Symbol.dispose](): void {
    if (!this.#disposed) this.#pidfd?.release();
    this.#disposed = true;
  }

  #inspect(): ProcessFacts | undefined {
    if (this.#disposed) return undefined;
    const now = observeProcess(this.pid);
    if (now === undefined || !isSame(now, this.#pinned, this.#credentials)) return undefined;
    // Last: what was read belongs to the process that connected only if that one is alive still.
    return isAlive(this.#pidfd, now) ? now.facts : undefined;
  }
}

function isSame(now: ObservedProcess, pinned: ObservedProcess, { uid, gid }: PeerCredentials): boolean {
  const { facts, stackStart } = now;
  if (facts.uid !== uid || facts.gid !== gid) return false;
  if (facts.startTime !== pinned.facts.startTime || facts.executable !== pinned.facts.executable) return false;
  return stackStart === "0" || pinned.stackStart === "0" || stackStart === pinned.stackStart;
}

/** Without a descriptor (Linux before 6.5) the start time, compared already, has to do. */
function isAlive(pidfd: SharedPidfd | undefined, { facts }: ObservedProcess): boolean {
  return pidfd?.names(facts.pid) ?? true;
}

function gone(): AttestationError {
  return new AttestationError("PEER_GONE", "the process at the other end has ended or changed");
}
