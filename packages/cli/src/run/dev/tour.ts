// SPDX-License-Identifier: Apache-2.0
import { realpathSync, writeFileSync } from "node:fs";
import type { DevDirectory } from "./directory.ts";
import { invocationName } from "./invocation.ts";
import { DemonstrationProgram } from "./program.ts";
import { programFiles } from "./program-file.ts";
import type { DevReporter } from "./report.ts";
import { DevSystem, devTrustDomain } from "./system.ts";

/** How long the demonstration SVIDs live: short enough to see a rotation, long enough to be used. */
const demonstrationTtlSeconds = 8;
const stepTimeoutMs = 15_000;

/** What the tour needs. */
export interface TourOptions {
  readonly directory: DevDirectory;
  readonly logLevel: string;
  readonly report: DevReporter;
  readonly signal: AbortSignal;
}

/** Server, agent and two programs, up and shown; they live until disposed of. */
export interface Tour extends AsyncDisposable {
  readonly system: DevSystem;
}

interface Programs {
  /** Asks. */
  readonly web: DemonstrationProgram;
  /** Answers. */
  readonly db: DemonstrationProgram;
}

/** Milliseconds since this process was started, loading of the program included. */
function sinceStart(): number {
  return Math.round(performance.now());
}

function idOf(program: DemonstrationProgram): string {
  return `spiffe://${devTrustDomain}/${program.name}`;
}

function showStarted(system: DevSystem, { directory, report }: TourOptions): void {
  report.show({
    event: "started",
    trust_domain: devTrustDomain,
    directory: directory.path,
    server_socket: system.server.adminSocket,
    server_address: `${system.server.address.host}:${system.server.address.port}`,
    workload_socket: system.agent.socketPath,
    agent_id: system.agentId,
    milliseconds: sinceStart(),
  });
}

async function registerPrograms(system: DevSystem, { web, db }: Programs): Promise<readonly string[]> {
  const short = [web, db].map(({ name, executable }) => ({
    path: `/${name}`,
    executable,
    ttlSeconds: demonstrationTtlSeconds,
  }));
  // And this program itself, so that its commands work against the socket.
  const node = realpathSync(process.execPath);
  return await system.register([...short, { path: "/mayfly", executable: node, ttlSeconds: 0 }]);
}

/** The three things to see: an identity, mTLS between two, a rotation. */
async function show({ web, db }: Programs, { report, signal }: TourOptions): Promise<void> {
  const step = { signal, timeoutMs: stepTimeoutMs };
  const { report: _first, ...first } = await web.next("svid", step);
  const arrived = performance.now();
  report.show({ event: "first_svid", pid: web.pid, executable: web.executable, milliseconds: sinceStart(), ...first });

  const { port } = await db.next("listening", step);
  web.send({ order: "call", port, peer: idOf(db) });
  const { report: _exchange, ...exchange } = await web.next("exchange", step);
  report.show({ event: "mtls", client_pid: web.pid, server_pid: db.pid, ...exchange });

  report.wait(`SVIDs live ${demonstrationTtlSeconds} s here, and are renewed at half of that`);
  const renewed = await web.next("svid", step);
  const milliseconds = Math.round(performance.now() - arrived);
  web.send({ order: "call", port, peer: idOf(db) });
  const again = await web.next("exchange", step);
  report.show({
    event: "rotation",
    spiffe_id: renewed.spiffe_id,
    old_serial_number: first.serial_number,
    new_serial_number: renewed.serial_number,
    milliseconds,
    seen_serial_number: again.seen.serial_number,
  });
}

/** Who answers, what the agent is, its task, its process, its end, and the record of it all. */
function taskCommands(name: string, directory: DevDirectory): string[] {
  const [scope, ticket] = [directory.file("task", "scope.json"), directory.file("task", "ticket")];
  writeFileSync(scope, '{"tools":[{"server":"orders","tool":"query","effect":"read"}]}\n');
  const uid = String(process.getuid?.() ?? 0);
  const profile = `--owner me --tier T1 --ceiling ${scope} --selector unix:uid:${uid} --expires-in 24h`;
  return [
    `${name} operator create me --role operator`,
    `${name} agent-profile create demo ${profile}`,
    `${name} task start --agent demo --owner me --scope ${scope} --ttl 10m --ticket-file ${ticket}`,
    `${name} task exec --ticket-file ${ticket} -- ${name} workload fetch x509`,
    `${name} kill agent demo --reason tried`,
    `${name} log show`,
  ];
}

function showNext(system: DevSystem, { web }: Programs, { report, directory }: TourOptions): void {
  const name = invocationName();
  report.show({
    event: "next",
    environment: {
      MAYFLY_SERVER_SOCKET: system.server.adminSocket,
      SPIFFE_ENDPOINT_SOCKET: `unix://${system.agent.socketPath}`,
    },
    commands: [`${name} workload fetch x509`, `${name} explain --pid ${web.pid}`, `${name} status`],
    task_commands: taskCommands(name, directory),
  });
}

/** Starts everything and shows it. */
export async function runTour(options: TourOptions): Promise<Tour> {
  const { directory } = options;
  await using parts = new AsyncDisposableStack();
  const socket = directory.file("agent", "workload.sock");
  const executables = programFiles(directory.programFolders(), ["web", "db"]);
  const program = (name: keyof typeof executables): DemonstrationProgram =>
    parts.use(new DemonstrationProgram(name, executables[name], socket));
  // It loads while the server starts; the other one while the first gets its identity.
  const web = program("web");
  options.report.wait("starting server and agent");
  const system = parts.use(await DevSystem.start(options));
  showStarted(system, options);
  const programs: Programs = { web, db: program("db") };
  const entryIds = await registerPrograms(system, programs);
  for (const each of [programs.web, programs.db]) each.send({ order: "start" });
  await show(programs, options);
  await system.relax(entryIds);
  showNext(system, programs, options);
  const owned = parts.move();
  return { system, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
