// SPDX-License-Identifier: Apache-2.0
// A server of its own process, to be killed: argument = its folder. Says its port when it serves.
import { startServer } from "../../src/index.ts";
import { collect, configIn } from "../server-under-test.ts";
import { brokerId, gatewayId } from "./ids.ts";

const [, , directory = ""] = process.argv;
const config = configIn(directory, { gateways: [gatewayId], brokers: [brokerId] });
const server = await startServer(config, { logger: collect([]) });
process.stdout.write(`${String(server.address.port)}\n`);
await server.failed;
