// SPDX-License-Identifier: Apache-2.0
import { fileURLToPath } from "node:url";
import { output } from "../../processes.ts";
import type { Suite } from "../suite.ts";

const program = fileURLToPath(new URL("../differential/main.ts", import.meta.url));

/** 20,000 mutated chains and tokens: our verdict against go-spiffe's, as docs/differential.md explains the differences. */
export async function differential(suite: Suite): Promise<void> {
  await suite.check("each disagreement with go-spiffe on 20,000 mutated chains and tokens is explained", () => {
    const said = output([process.execPath, "--conditions=@mayfly/source", program], { timeoutMs: 300_000 });
    process.stdout.write(`      ${said.trim()}\n`);
  });
}
