// SPDX-License-Identifier: Apache-2.0
import { parseServerConfig, startServer } from "../src/index.ts";

/** Serves the trust domain from `directory` for as long as `use` takes; gives where agents would reach it. */
export async function serveFor(directory: string, use: (adminSocket: string) => Promise<void>): Promise<string> {
  const parsed = parseServerConfig({
    values: { trust_domain: "example.org", bind: "127.0.0.1:0", log_level: "error" },
    directories: { runtime: directory, state: directory },
    position: () => undefined,
  });
  if ("problems" in parsed)
    throw new Error(parsed.problems.map(({ path, problem }) => `${path}: ${problem}`).join("\n"));
  await using server = await startServer(parsed.config);
  await use(server.adminSocket);
  return `${server.address.host}:${String(server.address.port)}`;
}
