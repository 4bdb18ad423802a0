// SPDX-License-Identifier: Apache-2.0
import type { Socket } from "node:net";
import { createUnixAttestor, openPeerProcess } from "../../src/index.ts";

const attestor = createUnixAttestor();

/** Tells a process that connected to a Unix socket its own selectors. */
export async function tellSelectors(socket: Socket): Promise<void> {
  // Pinned at accept: what connected, not what has its process id later.
  using peer = openPeerProcess((socket as unknown as { _handle: { fd: number } })._handle.fd);
  const facts = await peer.inspect();
  const selectors = facts === undefined ? [] : await attestor.attest(facts);
  socket.end(selectors.map(({ type, value }) => `${type}:${value}\n`).join(""));
}
