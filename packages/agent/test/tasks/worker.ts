// SPDX-License-Identifier: Apache-2.0
// A workload that is told line by line what to do, and prints a line for each outcome.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import {
  mayflyTaskBindingService,
  mayflyWorkloadService,
  reasonOf,
  RpcChannel,
  StatusError,
  WORKLOAD_HEADER,
  workloadApiService,
} from "@mayfly/rpc";

const [socket = ""] = process.argv.slice(2);

const open = (): RpcChannel =>
  RpcChannel.open({ address: `unix://${socket}`, metadata: { [WORKLOAD_HEADER]: "true" } });
const told = (error: unknown): string => {
  if (!(error instanceof StatusError)) throw error;
  return `${String(error.code)} ${reasonOf(error)?.code ?? error.message}`;
};
const kept = open();

async function fetchOnce(channel: RpcChannel): Promise<string> {
  try {
    for await (const { svids } of channel.serverStream(workloadApiService.methods.FetchX509SVID, {}))
      return svids.map(({ spiffe_id: id }) => id.split("/").at(-1)).join(" ");
    return "ended";
  } catch (error) {
    return told(error);
  }
}

const commands: Readonly<Record<string, (argument: string) => Promise<string>>> = {
  bind: async (ticket) => {
    try {
      const answer = await kept.unary(mayflyTaskBindingService.methods.BindTask, { ticket });
      return `bound ${answer.task_id} ${answer.tier}`;
    } catch (error) {
      return told(error);
    }
  },
  /** Over a connection of its own. */
  fetch: async () => {
    using channel = open();
    return await fetchOnce(channel);
  },
  /** Prints a line for each message, and for the end. */
  watch: async () => {
    const run = async (): Promise<void> => {
      try {
        for await (const { svids } of open().serverStream(workloadApiService.methods.FetchX509SVID, {}))
          console.log(`svids ${String(svids.length)}`);
      } catch (error) {
        console.log(`ended ${told(error)}`);
      }
    };
    void run();
    return "watching";
  },
  explain: async () => {
    const { selectors, obstacles } = await kept.unary(mayflyWorkloadService.methods.ExplainProcess, { pid: 0 });
    const tasks = selectors.filter(({ type }) => type === "task").map(({ value }) => value);
    return [...tasks, ...obstacles.map(({ code, message }) => `${code}: ${message}`)].join(" | ");
  },
  /** A child asks the same. */
  child: () =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ["--conditions=@mayfly/source", process.argv[1] ?? "", socket]);
      child.stdin.write("fetch\n");
      child.stdout.once("data", (line: Buffer) => {
        child.kill();
        resolve(line.toString().trim());
      });
    }),
  setuid: async () => {
    process.setuid?.(65_534);
    return "changed";
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const [command = "", argument = ""] = line.split(" ");
  console.log(await commands[command]?.(argument));
}
