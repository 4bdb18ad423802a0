// SPDX-License-Identifier: Apache-2.0
// A process outside of the broker that holds what tasks were given, and asks it all again after each proof of an end. Argument: the server's
// admin socket. Orders and words by IPC.
import { RpcChannel } from "@mayfly/rpc";
import { startToolServer } from "../../../gateway/test/world/tool-server.ts";
import { CallDesk } from "./call-desk.ts";
import { type Holding, TaskHoldings } from "./held-task.ts";
import { MintedIdentities } from "./identities.ts";
import type { Credential, HeldTask, HolderOrder, HolderWord, Places } from "./messages.ts";

const atOnce = 12;
const useEveryMs = 25_000;

const [adminSocket = ""] = process.argv.slice(2);
const identities = await MintedIdentities.of(RpcChannel.open({ address: `unix://${adminSocket}` }));
const toolServer = await identities.source("/tool/orders");
const tools = await startToolServer("/nowhere", toolServer);
const desk = new CallDesk(tools);
const held = new Map<string, TaskHoldings>();
const over = new Set<TaskHoldings>();
let places: Places = { gateway: "", brokerPort: 0 };
let [asked, alive] = [0, 0];

function say(word: HolderWord): void {
  process.send?.(word);
}

async function open(tasks: readonly HeldTask[]): Promise<void> {
  const opened: Credential[] = [];
  const waiting = [...tasks];
  const holding: Holding = { places, desk, toolServer };
  const one = async (): Promise<void> => {
    for (let task = waiting.shift(); task !== undefined; task = waiting.shift()) {
      const holdings = await TaskHoldings.open(task, await identities.source(task.path), holding);
      held.set(task.id, holdings);
      opened.push({ task: task.id, login: holdings.login });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  say({ opened });
}

async function judge(holdings: TaskHoldings): Promise<void> {
  const answering = await holdings.answering();
  asked += 3;
  alive += answering;
}

async function answeringOfAll(): Promise<number> {
  let count = 0;
  for (const holdings of held.values()) count += await holdings.answering();
  return count;
}

async function take(order: HolderOrder): Promise<void> {
  if ("places" in order) places = order.places;
  else if ("open" in order) await open(order.open);
  else if ("control" in order) say({ answering: await answeringOfAll() });
  else if ("proven" in order) {
    const holdings = held.get(order.proven);
    if (holdings === undefined) throw new Error("nothing was held for it");
    held.delete(order.proven);
    over.add(holdings);
    await judge(holdings);
  } else {
    say({ asked, alive });
    [asked, alive] = [0, 0];
  }
}

process.on("message", (order: HolderOrder) => {
  take(order).catch((error: unknown) => say({ failed: String(error) }));
});
process.on("disconnect", () => process.exit());
setInterval(() => {
  for (const holdings of over) void judge(holdings);
}, 1_000);
setInterval(() => {
  for (const holdings of held.values()) holdings.use().catch(() => undefined);
}, useEveryMs);
say({ tools: tools.url });
