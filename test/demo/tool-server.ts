// SPDX-License-Identifier: Apache-2.0
// The tool server `orders`. Usage: node --conditions=@mayfly/source tool-server.ts CONFIG.json
import { serveTools } from "./programs/tools/serve-tools.ts";

await using server = await serveTools(process.argv[2] ?? "");
await new Promise<void>((resolve) => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
});
server.say("stopping");
