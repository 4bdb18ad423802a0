// SPDX-License-Identifier: Apache-2.0
import { SpiffeError } from "@mayfly/spiffe";

/** `SELECTOR_NO_COLON` not of the form `type:value` · `SELECTOR_NO_TYPE` · `SELECTOR_NO_VALUE` · `SELECTOR_BAD_CHARACTER` a control character or half a surrogate pair · `SELECTOR_TOO_LONG` over 4,096 bytes. Stable. */
export type RegistrationErrorCode =
  | "SELECTOR_NO_COLON"
  | "SELECTOR_NO_TYPE"
  | "SELECTOR_NO_VALUE"
  | "SELECTOR_BAD_CHARACTER"
  | "SELECTOR_TOO_LONG";

/** Text that is none of what registration is about; `code` says why. */
export class RegistrationError extends SpiffeError {
  readonly code: RegistrationErrorCode;

  constructor(code: RegistrationErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
