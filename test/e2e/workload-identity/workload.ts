// SPDX-License-Identifier: Apache-2.0
// A workload that watches its identity, prints a line for each message, and changes its user when told to.
import { reasonOf, RpcChannel, StatusError, WORKLOAD_HEADER, workloadApiService } from "@mayfly/rpc";

const [socket = ""] = process.argv.slice(2);
const channel = RpcChannel.open({ address: `unix://${socket}`, metadata: { [WORKLOAD_HEADER]: "true" } });

process.stdin.on("data", () => {
  process.setuid?.(65534);
  console.log("changed");
});

try {
  for await (const { svids } of channel.serverStream(workloadApiService.methods.FetchX509SVID, {})) {
    console.log(`svid ${svids.length}`);
  }
} catch (error) {
  if (error instanceof StatusError) console.log(`ended ${error.code} ${reasonOf(error)?.code}`);
  else throw error;
}
