// SPDX-License-Identifier: Apache-2.0
import type { EnumValue } from "../message.ts";
import type { LogLevelName } from "./types.ts";

/** The level to log at from now on. */
export interface SetLogLevelRequest {
  readonly new_level: EnumValue<LogLevelName>;
}
