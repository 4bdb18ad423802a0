// SPDX-License-Identifier: Apache-2.0
// A real MCP tool server as a process: node tool-server.ts WORKLOAD-API-SOCKET. Writes `ready URL`.
import { X509Source } from "@mayfly/spiffe-client";
import { startToolServer } from "../../../packages/gateway/test/world/tool-server.ts";

const own = "spiffe://example.org/tool/orders";
const source = await X509Source.open({
  address: `unix://${process.argv[2] ?? ""}`,
  select: (svids) => svids.find(({ id }) => id.toString() === own),
});
const { url } = await startToolServer("/nowhere", source);
process.stdout.write(`ready ${url}\n`);
