// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/** `SOCKET_PATH_UNSAFE`: something else is where the admin socket belongs. `KEY_ENCRYPTION_KEY_INVALID`: missing, malformed or readable by others. `DATA_DIR_MISMATCH`: the data directory belongs to another trust domain. */
export type ServerStateErrorCode = "SOCKET_PATH_UNSAFE" | "KEY_ENCRYPTION_KEY_INVALID" | "DATA_DIR_MISMATCH";

/** The surroundings do not allow the server to start. */
export class ServerStateError extends SpiffeError {
  readonly code: ServerStateErrorCode;

  constructor(code: ServerStateErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
