// SPDX-License-Identifier: Apache-2.0
import type { Bot } from "../world/bot.ts";
import type { DemoWorld, StartedTask, TaskWish } from "../world/demo-world.ts";

/** A hijacked agent, on a task of its own that it is allowed to work on. Its process ends with the attack. */
export async function withBot<T>(
  world: DemoWorld,
  use: (bot: Bot, task: StartedTask) => Promise<T>,
  wish?: TaskWish,
): Promise<T> {
  const task = await world.startTask(wish);
  await using bot = world.startBot(task.ticketFile);
  // What the attack waits for is not the start of its program.
  await bot.ask({ do: "svid" });
  return await use(bot, task);
}
