// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";

/** The command line. */
export const mayfly: string = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));

/** The demo's own programs. */
export const programs = {
  bot: fileURLToPath(new URL("../ir-bot.ts", import.meta.url)),
  toolServer: fileURLToPath(new URL("../tool-server.ts", import.meta.url)),
} as const;
