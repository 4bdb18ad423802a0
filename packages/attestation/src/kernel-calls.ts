// SPDX-License-Identifier: Apache-2.0
import { constants } from "node:os";
import koffi from "koffi";

/** SO_PEERCRED: who connected, as the kernel noted it then. `pid` is 0 for a process outside this PID namespace. */
export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** A descriptor of a process that is the caller's to close; "gone" when it is reaped; "unsupported" by this kernel. */
export type Pidfd = number | "gone" | "unsupported";

const SOL_SOCKET = 1;
const SO_PEERCRED = 17;
const SO_PEERPIDFD = 77;
// The same number on every architecture, as of all system calls since Linux 5.1.
const SYS_pidfd_open = 434;

type Getsockopt = (
  ...parameters: [fd: number, level: number, name: number, value: Uint8Array, length: [number]]
) => number;

type Syscall = (
  ...parameters: [number: number, firstType: "int", first: number, secondType: "unsigned int", second: number]
) => number;

let loaded: Getsockopt | undefined;
let loadedSyscall: Syscall | undefined;

// Node has no way to read socket options or to open a process; this file is the only one that calls into C.
function getsockopt(): Getsockopt {
  loaded ??= koffi
    .load(null)
    .func("int getsockopt(int fd, int level, int name, _Out_ void *value, _Inout_ uint32_t *length)") as Getsockopt;
  return loaded;
}

function readOption(fd: number, name: number, size: number): Buffer | { readonly errno: number } {
  const value = Buffer.alloc(size);
  const length: [number] = [size];
  if (getsockopt()(fd, SOL_SOCKET, name, value, length) !== 0) return { errno: koffi.errno() };
  return value.subarray(0, length[0]);
}

/** Credentials of the peer of a connected Unix socket; undefined when the kernel gives none. */
export function readPeerCredentials(fd: number): PeerCredentials | undefined {
  const value = readOption(fd, SO_PEERCRED, 12);
  if (!Buffer.isBuffer(value) || value.length !== 12) return undefined;
  return { pid: value.readInt32LE(0), uid: value.readUInt32LE(4), gid: value.readUInt32LE(8) };
}

/** SO_PEERPIDFD (Linux 6.5): the peer process of a connected Unix socket. It is no proof that the process lives. */
export function openPeerPidfd(fd: number): Pidfd {
  const value = readOption(fd, SO_PEERPIDFD, 4);
  if (Buffer.isBuffer(value)) return value.readInt32LE(0);
  // Only a kernel that does not know the option may be worked round: every other failure means that nobody is there.
  return value.errno === constants.errno.ENOPROTOOPT ? "unsupported" : "gone";
}

/** pidfd_open(2) (Linux 5.3): whichever process has this id now. Closed over exec. */
export function openPidfd(pid: number): Pidfd {
  loadedSyscall ??= koffi.load(null).func("long syscall(long number, ...)") as Syscall;
  const fd = loadedSyscall(SYS_pidfd_open, "int", pid, "unsigned int", 0);
  if (fd >= 0) return fd;
  return koffi.errno() === constants.errno.ENOSYS ? "unsupported" : "gone";
}
