// SPDX-License-Identifier: Apache-2.0
import type { TrustDomain } from "@mayfly/spiffe";
import { openServerChannel } from "@mayfly/spiffe-client";
import { RpcAccountOrders } from "./server/rpc-account-orders.ts";
import { RpcFeed } from "./server/rpc-feed.ts";
import { RpcLedger } from "./server/rpc-ledger.ts";
import { type Broker, type BrokerOptions, startBroker } from "./start-broker.ts";

/** A broker's options with a Mayfly server in the place of ledger and feed. */
export interface JoinOptions extends Omit<BrokerOptions, "feed" | "ledger" | "accountOrders"> {
  /** `host:port` of the server; it has to know the broker's SPIFFE ID as one of its brokers. */
  readonly server: string;
  readonly trustDomain: TrustDomain;
  /** Told to the server. */
  readonly version: string;
}

/** `startBroker` at a real server (`mayfly.task.v1`). @throws as `startBroker` */
export async function joinServer(options: JoinOptions): Promise<Broker> {
  const { server, trustDomain, source, version, ...rest } = options;
  const channel = openServerChannel({ address: server, source, trustDomain });
  try {
    const broker = await startBroker({
      ...rest,
      source,
      ledger: new RpcLedger(channel),
      accountOrders: new RpcAccountOrders(channel),
      feed: new RpcFeed(channel, version),
    });
    return {
      ...broker,
      async [Symbol.asyncDispose]() {
        await broker[Symbol.asyncDispose]();
        channel.close();
      },
    };
  } catch (error) {
    channel.close();
    throw error;
  }
}
