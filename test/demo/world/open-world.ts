// SPDX-License-Identifier: Apache-2.0
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, MayflyAgent, MayflyServer, output, ServiceProcess } from "../../processes.ts";
import { type Account, type Accounts, chooseAccounts } from "./accounts.ts";
import {
  brokerConfig,
  descriptionsFile,
  gatewayConfig,
  ids,
  scopes,
  type Surroundings,
  toolServerConfig,
} from "./configurations.ts";
import type { WorldParts } from "./demo-world.ts";
import { mayfly, programs } from "./files.ts";
import { OrdersDatabase } from "./orders-database.ts";
import { Person } from "./people.ts";

/** Where the server is, for a world whose cables are to be cut. */
export interface WorldNetwork {
  startServer(settings: Record<string, unknown>): Promise<MayflyServer>;
  /** `host:port` at which a guard reaches it. */
  addressFor(guard: "agent" | "gateway" | "broker"): string;
}

/** Starts everything, in the order in which one part needs the other; what was started is in `resources`. */
export async function openWorld(
  resources: AsyncDisposableStack,
  { signal, network }: { readonly signal?: AbortSignal | undefined; readonly network?: WorldNetwork | undefined } = {},
): Promise<WorldParts> {
  const directory = mkdtempSync(join(tmpdir(), "mayfly-demo-"));
  resources.defer(() => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o711);
  const accounts = chooseAccounts(directory);
  // Goes on while the server starts.
  const starting = OrdersDatabase.start();
  resources.defer(async () => await (await starting.catch(() => undefined))?.[Symbol.asyncDispose]());
  const settings = { gateways: [ids.gateway], brokers: [ids.broker] };
  const server = resources.use(await (network ?? { startServer: startHere }).startServer(settings));
  signal?.throwIfAborted();
  const agent = resources.use(await MayflyAgent.start(server, network?.addressFor("agent")));
  chmodSync(agent.dir, 0o711);
  const dana = resources.use(await Person.start("dana", directory));
  const lee = resources.use(await Person.start("lee", directory));
  signal?.throwIfAborted();
  register(server, agent, accounts);
  const ports = {
    gateway: await freePort(),
    broker: await freePort(),
    toolServer: await freePort(),
    archive: await freePort(),
  };
  const surroundings = { server, agent, directory, ports };
  const database = await starting;
  introduce(surroundings, { dana, lee }, accounts);
  signal?.throwIfAborted();
  const services = serviceProcesses(surroundings, { accounts, database, network });
  for (const service of [services.broker, services.toolServer, services.gateway]) resources.use(service);
  await Promise.all([services.broker.boot(), services.toolServer.boot()]);
  await services.gateway.boot();
  return { directory, accounts, server, agent, database, ...services, ports, dana, lee, ids };
}

function startHere(settings: Record<string, unknown>): Promise<MayflyServer> {
  return MayflyServer.start(settings);
}

/** Registration entries of the programs. */
function register(server: MayflyServer, agent: MayflyAgent, { of }: Accounts): void {
  server.createEntry("/gateway", agent.id, of.gateway.selectors);
  server.createEntry("/broker", agent.id, of.broker.selectors);
  server.createEntry("/tools/archive", agent.id, of.archive.selectors);
  server.createEntry("/tools/orders", agent.id, of.orders.selectors, "--wait");
}

/** People, AI agents and policies. */
function introduce(
  { server, agent, directory }: Surroundings,
  { dana, lee }: { readonly dana: Person; readonly lee: Person },
  { of }: Accounts,
): void {
  server.mayfly(
    "operator",
    "create",
    "dana",
    "--role",
    "operator",
    "--role",
    "approver",
    "--key-file",
    dana.publicKeyFile,
  );
  server.mayfly("operator", "create", "lee", "--role", "approver", "--key-file", lee.publicKeyFile);
  const selectors = of["ir-bot"].selectors.flatMap((selector) => ["--selector", selector]);
  const common = ["--owner", "dana", "--expires-in", "24h", "--parent-id", agent.id, ...selectors];
  for (const [name, tier, ceiling] of [
    ["ir-bot", "T2", scopes.incident],
    ["ir-bot/scribe", "T1", scopes.scribe],
  ] as const) {
    const file = join(directory, `ceiling-${tier}.json`);
    writeFileSync(file, JSON.stringify(ceiling));
    server.mayfly("agent-profile", "create", name, "--tier", tier, "--ceiling", file, ...common);
  }
  output([mayfly, "policy", "init", join(directory, "policy")]);
}

interface ServiceSurroundings {
  readonly accounts: Accounts;
  readonly database: OrdersDatabase;
  readonly network: WorldNetwork | undefined;
}

function serviceProcesses(
  surroundings: Surroundings,
  { accounts: { of }, database, network }: ServiceSurroundings,
): Pick<WorldParts, "gateway" | "broker" | "toolServer"> {
  const { directory } = surroundings;
  const config = (name: string, value: object): string => {
    const path = join(directory, `${name}.json`);
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  const at = (guard: "gateway" | "broker"): object =>
    network === undefined ? {} : { server: network.addressFor(guard) };
  for (const name of ["gateway", "broker"] as const) ownDirectory(join(directory, name), of[name]);
  const password = join(directory, "broker", "password");
  writeFileSync(password, `${database.brokerPassword}\n`, { mode: 0o600 });
  own(password, of.broker);
  const descriptions = join(directory, descriptionsFile);
  writeFileSync(descriptions, "{}", { mode: 0o644 });
  const atGateway = { ...gatewayConfig(surroundings), ...at("gateway") };
  const gateway = ["gateway", "run", "--config", config("gateway", atGateway)];
  const atBroker = { ...brokerConfig(surroundings, database.postgres.login()), ...at("broker") };
  const broker = ["broker", "run", "--config", config("broker", atBroker)];
  const toolServer = [programs.toolServer, config("tool-server", toolServerConfig(surroundings))];
  return {
    gateway: service([...of.gateway.mayfly, ...gateway], /gateway_listening/, of.gateway),
    broker: service([...of.broker.mayfly, ...broker], /broker_listening/, of.broker),
    toolServer: service([...of.orders.node, ...toolServer], /^ready \d+$/m, of.orders),
  };
}

function service(command: readonly string[], ready: RegExp, { user }: Account): ServiceProcess {
  return new ServiceProcess({ command, ready, user });
}

function own(path: string, { user }: Account): void {
  if (user !== undefined) chownSync(path, user.uid, user.gid);
}

function ownDirectory(path: string, account: Account): void {
  mkdirSync(path, { mode: 0o700 });
  own(path, account);
}
