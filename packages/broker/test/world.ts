// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { exact, oneOf, signCallStatement, X509Source } from "@mayfly/spiffe-client";
import { createLogger, type FinishedSpan } from "@mayfly/telemetry";
import { TestCa } from "@mayfly/testkit";
import { Certificate } from "@mayfly/x509";
import { Client } from "pg";
import { type BrokerAddress, connectThroughBroker } from "../src/client/connect-through-broker.ts";
import type { BrokeredStream } from "../src/client/brokered-stream.ts";
import type { PostgresTarget } from "../src/postgres/postgres-target.ts";
import type { PostgresTargetConfig } from "../src/postgres/target-config.ts";
import { type Broker, startBroker } from "../src/start-broker.ts";
import { FileLedger, TestFeed } from "./ports.ts";
import { LeaseCluster } from "./target.ts";

const id = (path: string): string => `spiffe://example.org${path}`;
let calls = 0;

/** A broker at a real database, with tool servers and a gateway that have SVIDs. */
export class World implements AsyncDisposable {
  readonly cluster: LeaseCluster;
  readonly ledger: FileLedger;
  readonly feed = new TestFeed();
  readonly spans: FinishedSpan[] = [];
  broker!: Broker;
  readonly #ca = TestCa.create();
  readonly #dir = mkdtempSync(join(tmpdir(), "mayfly-broker-"));
  readonly #log = new PassThrough();
  readonly #sources = new Map<string, X509Source>();
  #logged = "";

  private constructor(cluster: LeaseCluster) {
    this.cluster = cluster;
    this.ledger = new FileLedger(join(this.#dir, "ledger"));
    this.#log.on("data", (chunk: Buffer) => (this.#logged += chunk.toString()));
  }

  static async start(over: Partial<PostgresTargetConfig> = {}): Promise<World> {
    const world = new World(await LeaseCluster.start({}, over.group));
    await world.startBroker(over);
    return world;
  }

  async startBroker(over: Partial<PostgresTargetConfig> = {}): Promise<void> {
    this.broker = await this.twin(over);
    await until(() => this.ledger.unmanaged.size > 0);
  }

  /** Another broker with the same ledger and database, which knows nothing of the first. */
  async twin(over: Partial<PostgresTargetConfig> = {}): Promise<Broker> {
    return await startBroker({
      source: this.source("/broker"),
      listen: { host: "127.0.0.1", port: 0 },
      toolServers: oneOf(id("/tools/orders"), id("/tools/other")),
      gateways: exact(id("/gateway")),
      targets: [this.cluster.config({ endTimeoutMs: 3_000, ...over })],
      ledger: this.ledger,
      feed: this.feed,
      logger: createLogger({ level: "debug", format: "json", destination: this.#log }),
      firstRetryMs: 100,
      spans: { ended: (span) => void this.spans.push(span) },
    });
  }

  get target(): PostgresTarget {
    const target = this.broker.targets.get("orders");
    if (target === undefined) throw new Error("the target is missing");
    return target;
  }

  /** All that the broker logged. */
  get log(): string {
    return this.#logged;
  }

  source(path: string): X509Source {
    const known = this.#sources.get(path);
    if (known !== undefined) return known;
    const { chain, privateKey } = this.#ca.issue(path);
    const svid = X509Svid.of(
      chain.map((der) => Certificate.parse(der)),
      privateKey,
    );
    const bundle = new X509Bundle(TrustDomain.parse("example.org"), [Certificate.parse(this.#ca.certificate)]);
    const source = X509Source.of({ svids: [svid], bundles: BundleSet.of(bundle), crls: [] });
    this.#sources.set(path, source);
    return source;
  }

  address(path = "/tools/orders"): BrokerAddress {
    return { source: this.source(path), authorize: exact(id("/broker")), host: "127.0.0.1", port: this.broker.port };
  }

  /** The gateway's statement of a new call in a task. */
  statement(task: string, audience = "/tools/orders", call = `c-${++calls}`): string {
    const claims = { task, call, tool: "orders.query", argumentsDigest: "sha-256:00" };
    return signCallStatement(claims, this.source("/gateway").svid, { audience: [id(audience)] });
  }

  async stream(task: string): Promise<BrokeredStream> {
    return await connectThroughBroker(this.address(), { statement: this.statement(task), target: "orders" });
  }

  /** A client of a tool server in a task, through the broker. */
  async client(task: string): Promise<Client> {
    const stream = await this.stream(task);
    const client = new Client({ stream: () => stream, database: "orders", user: "anybody" });
    client.on("error", () => undefined);
    await client.connect();
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.broker[Symbol.asyncDispose]();
    await this.cluster[Symbol.asyncDispose]();
    this.ledger.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** Waits for something that another process or a timer does. */
export async function until(condition: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  for (const deadline = Date.now() + ms; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error("it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
