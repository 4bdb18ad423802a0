// SPDX-License-Identifier: Apache-2.0
import { pathText } from "./options.ts";

/** A socket's path; `unix:///…` as clients write it is accepted, too. */
export function socketPath(text: string): string {
  return pathText(text.startsWith("unix://") ? text.slice("unix://".length) : text);
}
