// SPDX-License-Identifier: Apache-2.0
import { connectThroughBroker } from "../src/client.ts";
import { exact, type X509Source } from "@mayfly/spiffe-client";
import { Client } from "pg";

/** In a tool server: a database session for the call that the gateway's statement is about. No credential is involved on this side. */
export async function openOrders(source: X509Source, port: number, statement: string): Promise<Client> {
  const broker = { source, authorize: exact("spiffe://example.org/broker"), host: "127.0.0.1", port };
  const stream = await connectThroughBroker(broker, { statement, target: "orders" });
  const client = new Client({ stream: () => stream, database: "orders", user: "anybody" });
  await client.connect();
  return client;
}
