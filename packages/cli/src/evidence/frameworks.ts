// SPDX-License-Identifier: Apache-2.0
import type { Framework } from "./framework.ts";
import { csf } from "./frameworks/csf.ts";
import { maestro } from "./frameworks/maestro.ts";
import { nistAiRmf } from "./frameworks/nist-ai-rmf.ts";
import { owaspAgentic } from "./frameworks/owasp-agentic.ts";

/** All frameworks that are answered, by the name on the command line. */
export const frameworks: Readonly<Record<string, Framework>> = {
  "owasp-agentic": owaspAgentic,
  maestro,
  "nist-ai-rmf": nistAiRmf,
  csf,
};
