// SPDX-License-Identifier: Apache-2.0
// Asks the agent about itself as another user, and prints the answer as JSON.
import { mayflyWorkloadService, RpcChannel, WORKLOAD_HEADER } from "@mayfly/rpc";

const [socket = "", uid = ""] = process.argv.slice(2);
process.setgroups?.([]);
process.setgid?.(Number(uid));
process.setuid?.(Number(uid));
using channel = RpcChannel.open({ address: `unix://${socket}`, metadata: { [WORKLOAD_HEADER]: "true" } });
console.log(JSON.stringify(await channel.unary(mayflyWorkloadService.methods.ExplainProcess, { pid: 0 })));
