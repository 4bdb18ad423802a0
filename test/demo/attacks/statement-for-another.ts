// SPDX-License-Identifier: Apache-2.0
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceProcess } from "../../processes.ts";
import { assertRefused } from "../beats/refusal.ts";
import { toolServerConfig } from "../world/configurations.ts";
import type { DemoWorld } from "../world/demo-world.ts";
import { programs } from "../world/files.ts";
import { addProfile } from "./add-profile.ts";
import type { Attack } from "./attack.ts";
import { leakedStatement } from "./leaked-statement.ts";
import { runAs } from "./run-as.ts";
import { withBot } from "./with-bot.ts";

const call = { tool: "read_file", arguments: { path: "customers" } };
const scope = { tools: [{ server: "archive", tool: "read_file", effect: "read" }] };

/** The careless one is the tool server `archive`; its statement is shown to `orders`, over the gateway's own kind of connection. */
export const statementForAnother: Attack = {
  name: "a statement that was made for another tool server, relayed under the gateway's SVID",
  control: "the tool server holds a statement's audience against its own SPIFFE ID",
  async run(world) {
    await addProfile(world, { name: "librarian", account: "ir-bot", ceiling: scope });
    await using _archive = await startArchive(world);
    const url = new URL("/mcp/archive", world.gatewayUrl).href;
    const statement = await withBot(world, (bot) => leakedStatement(bot, { ...call, url }), {
      agent: "librarian",
      scope,
    });
    const meta = { "mayfly/statement": statement };
    const order = { ...call, meta, url: world.toolServerUrl, spiffe_id: world.parts.ids.gateway };
    const answer = await runAs(world, "gateway", { program: "relay-call.ts", order });
    return `${assertRefused(answer, "WRONG_AUDIENCE")} from the tool server orders`;
  },
};

async function startArchive(world: DemoWorld): Promise<ServiceProcess> {
  const { directory, ports, ids } = world.parts;
  const files = join(directory, "archive");
  mkdirSync(files, { recursive: true });
  chmodSync(files, 0o755);
  writeFileSync(join(files, "customers"), "Ada, Bo, Cy\n", { mode: 0o644 });
  const { agent, server } = world;
  const own = { port: ports.archive, spiffe_id: ids.archive, files, echo_meta: true };
  const config = { ...toolServerConfig({ agent, server, directory, ports }), ...own };
  const { node, user } = world.account("archive");
  const command = [...node, programs.toolServer, world.file(JSON.stringify(config), "archive")];
  const archive = new ServiceProcess({ command, ready: /^ready \d+$/m, user });
  await archive.boot();
  return archive;
}
