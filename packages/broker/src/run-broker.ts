// SPDX-License-Identifier: Apache-2.0
import { oneOf } from "@mayfly/spiffe";
import type { X509Source } from "@mayfly/spiffe-client";
import type { Logger } from "@mayfly/telemetry";
import type { BrokerConfig } from "./config/broker-config.ts";
import { joinServer } from "./join-server.ts";
import type { Broker } from "./start-broker.ts";

/** What a broker's process brings besides its settings. */
export interface RunOptions {
  /** Its own SVID and the bundles, of the Workload API at `config.workloadSocket`; the caller opens and closes it. */
  readonly source: X509Source;
  readonly logger: Logger;
  /** Told to the server. */
  readonly version: string;
}

/** The broker of a configuration, at its server. @throws as `joinServer` */
export async function runBroker(config: BrokerConfig, { source, logger, version }: RunOptions): Promise<Broker> {
  return await joinServer({
    server: config.server,
    trustDomain: config.trustDomain,
    listen: config.listen,
    toolServers: oneOf(...config.toolServers),
    gateways: oneOf(...config.gateways),
    targets: config.targets,
    source,
    logger,
    version,
  });
}
