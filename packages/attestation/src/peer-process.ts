// SPDX-License-Identifier: Apache-2.0
import { closeSync } from "node:fs";
import { AttestationError } from "./errors.ts";
import type { PeerProcess, ProcessFacts } from "./ports.ts";
import { observeProcess, type ObservedProcess } from "./process-facts.ts";
import { readProc } from "./read-proc.ts";
import { openPeerPidfd, type PeerCredentials, readPeerCredentials } from "./socket-options.ts";

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
  const held = pidfd === "unsupported" ? undefined : pidfd;
  try {
    const pinned = observeProcess(credentials.pid);
    if (pinned === undefined || !isSame(pinned, pinned, credentials) || !isAlive(held, pinned)) throw gone();
    return new PinnedProcess(credentials, pinned, held);
  } catch (error) {
    if (held !== undefined) closeSync(held);
    throw error;
  }
}

class PinnedProcess implements PeerProcess {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
  readonly #credentials: PeerCredentials;
  readonly #pinned: ObservedProcess;
  #pidfd: number | undefined;
  #disposed = false;

  constructor(credentials: PeerCredentials, pinned: ObservedProcess, pidfd: number | undefined) {
    this.pid = credentials.pid;
    this.uid = credentials.uid;
    this.gid = credentials.gid;
    this.#credentials = credentials;
    this.#pinned = pinned;
    this.#pidfd = pidfd;
  }

  async inspect(): Promise<ProcessFacts | undefined> {
    if (this.#disposed) return undefined;
    const now = observeProcess(this.pid);
    if (now === undefined || !isSame(now, this.#pinned, this.#credentials)) return undefined;
    // Last: what was read belongs to the process that connected only if that one is alive still.
    return isAlive(this.#pidfd, now) ? now.facts : undefined;
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    if (this.#pidfd !== undefined) closeSync(this.#pidfd);
    this.#pidfd = undefined;
  }
}

function isSame(now: ObservedProcess, pinned: ObservedProcess, { uid, gid }: PeerCredentials): boolean {
  const { facts, stackStart } = now;
  if (facts.uid !== uid || facts.gid !== gid) return false;
  if (facts.startTime !== pinned.facts.startTime || facts.executable !== pinned.facts.executable) return false;
  return stackStart === "0" || pinned.stackStart === "0" || stackStart === pinned.stackStart;
}

/** Without a descriptor (Linux before 6.5) the start time, compared already, has to do. */
function isAlive(pidfd: number | undefined, { facts }: ObservedProcess): boolean {
  if (pidfd === undefined) return true;
  // "Pid: -1" after the process was reaped; the id as this PID namespace sees it otherwise.
  return readProc(`/proc/self/fdinfo/${pidfd}`).includes(`\nPid:\t${facts.pid}\n`);
}

function gone(): AttestationError {
  return new AttestationError("PEER_GONE", "the process at the other end has ended or changed");
}
