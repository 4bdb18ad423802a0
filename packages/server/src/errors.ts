// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/**
 * `SOCKET_PATH_UNSAFE` something else is where the admin socket belongs · `DATA_DIR_UNSAFE` the data directory is somebody else's, or others may write there ·
 * `DATA_DIR_MISMATCH` it belongs to another trust domain · `NODE_ROOTS_INVALID` the authorities of x509pop can't be read ·
 * `LISTENER_FAILED` the address can't be listened on.
 */
export type ServerStateErrorCode =
  | "SOCKET_PATH_UNSAFE"
  | "DATA_DIR_UNSAFE"
  | "DATA_DIR_MISMATCH"
  | "NODE_ROOTS_INVALID"
  | "LISTENER_FAILED";

/** The surroundings do not allow the server to start. */
export class ServerStateError extends SpiffeError {
  readonly code: ServerStateErrorCode;

  constructor(code: ServerStateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
