// SPDX-License-Identifier: Apache-2.0
import type { Duplex } from "node:stream";
import type { CarriedConnection } from "../lease/held-lease.ts";
import type { BackendConnection } from "../postgres/backend-connection.ts";

const lingerMs = 1_000;

/**
 * Carries bytes both ways, as fast as the slower side takes them, and looks at none. `closed` resolves when either side is done, or it was
 * cut. The session is then left for its end to prove.
 */
export function carry(
  tool: Duplex,
  backend: BackendConnection,
): { readonly connection: CarriedConnection; readonly closed: Promise<void> } {
  const { stream } = backend;
  const closed = Promise.withResolvers<void>();
  const cut = (): void => {
    tool.unpipe(stream);
    stream.unpipe(tool);
    // What it still says is nobody's: read, so that its end is seen.
    stream.resume();
    tool.destroy();
    closed.resolve();
  };
  // The database's last words reach the tool before its connection closes.
  const ended = (): void => {
    tool.end();
    setTimeout(cut, lingerMs).unref();
  };
  stream.once("end", ended).once("close", ended).once("error", ended);
  tool.once("end", cut).once("close", cut).on("error", cut);
  tool.pipe(stream, { end: false });
  stream.pipe(tool, { end: false });
  return { connection: { cut, proveDead: () => backend.proveDead() }, closed: closed.promise };
}
