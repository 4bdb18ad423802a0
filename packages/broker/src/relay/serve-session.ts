// SPDX-License-Identifier: Apache-2.0
import type { TLSSocket } from "node:tls";
import { LeaseError } from "../errors.ts";
import type { OpenedLease } from "../lease/lease-book.ts";
import { ByteReader } from "./byte-reader.ts";
import type { CancelKeys } from "./cancel-keys.ts";
import { carry } from "./carry.ts";
import { sessionSettings } from "./session-settings.ts";
import { readStartup, type Startup } from "./startup.ts";
import { fatal, onlyVersionThree, welcome } from "./wire-messages.ts";

const startupMs = 10_000;

/** PostgreSQL's protocol from the start-up message on, under a lease; resolves when the connection is over. Never throws. */
export async function serveSession(opened: OpenedLease, socket: TLSSocket, cancelKeys: CancelKeys): Promise<void> {
  const { held, account, target } = opened;
  try {
    const startup = await readStartup(new ByteReader(socket, startupMs), socket);
    const settings = sessionSettings(startup, [target.name, target.config.database]);
    const backend = await target.connect(account, settings);
    const { connection, closed } = carry(socket, backend);
    held.carry(connection);
    const cancel = (): Promise<void> => target.cancel(account, backend.processId);
    const { cancelKey, release } = cancelKeys.issue({ holder: held.lease.holder, cancel });
    greet(socket, startup, welcome(backend.parameters, cancelKey));
    await closed.finally(release);
  } catch (error) {
    const isOurs = error instanceof LeaseError && error.code === "BAD_REQUEST";
    const text = error instanceof LeaseError ? error.message : "the session could not be begun";
    socket.end(fatal(isOurs ? "08P01" : "08006", `mayfly: ${text}`));
  }
}

function greet(socket: TLSSocket, { minorVersion, parameters }: Startup, message: Buffer): void {
  const options = [...parameters.keys()].filter((name) => name.startsWith("_pq_."));
  if (minorVersion > 0 || options.length > 0) socket.write(onlyVersionThree(options));
  socket.write(message);
}
