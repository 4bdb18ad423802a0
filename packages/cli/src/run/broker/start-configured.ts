// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { joinServer, type PostgresTargetConfig } from "@mayfly/broker";
import { oneOf } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { createLogger, openTracing } from "@mayfly/telemetry";
import { selectSvid } from "../../select-svid.ts";
import { CliFailure, exitCode } from "../../failure.ts";
import type { RunningProcess } from "../lifetime.ts";
import type { BrokerConfig } from "./broker-config.ts";
import type { TargetSettings } from "./target-settings.ts";

function unreadable(file: string, cause: unknown): CliFailure {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new CliFailure("FILE_UNREADABLE", `cannot read ${JSON.stringify(file)}: ${code ?? message}`, {
    exit: exitCode.usage,
    cause,
  });
}

/** Asked at each connection, so that the file may be replaced. */
async function passwordIn(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).replace(/\r?\n$/, "");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function certificatesIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function targetOf(settings: TargetSettings): PostgresTargetConfig {
  const { host, port, user, passwordFile, caFile, toolServers, ...rest } = settings;
  return {
    ...rest,
    ...(toolServers.length > 0 && { toolServers: oneOf(...toolServers) }),
    admin: {
      host,
      port,
      user,
      ...(passwordFile !== undefined && { password: () => passwordIn(passwordFile) }),
      ...(caFile !== undefined && { tls: { ca: certificatesIn(caFile), servername: host } }),
    },
  };
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  return manifest.version;
}

/** A broker of this configuration, with its identity from the Workload API. @throws as `joinServer`; {CliFailure} FILE_UNREADABLE */
export async function startConfigured(config: BrokerConfig): Promise<RunningProcess> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat });
  await using resources = new AsyncDisposableStack();
  const source = resources.use(
    await X509Source.open({
      address: `unix://${config.workloadSocket}`,
      ...(config.spiffeId !== undefined && { select: selectSvid(config.spiffeId.toString()) }),
    }),
  );
  const traced = { otlp: config.otlp, service: "mayfly-broker", version: version() };
  const spans = resources.use(await openTracing({ ...traced, log: logger }));
  const broker = resources.use(
    await joinServer({
      source,
      logger,
      spans,
      server: config.server,
      trustDomain: config.trustDomain,
      version: version(),
      listen: config.listen,
      toolServers: oneOf(...config.toolServers),
      gateways: oneOf(...config.gateways),
      targets: config.targets.map(targetOf),
      reconcileEveryMs: config.reconcileEveryMs,
    }),
  );
  logger.info("broker_listening", { port: broker.port, targets: config.targets.map(({ name }) => name) });
  const owned = resources.move();
  return { failed: broker.failed, stop: async () => await owned.disposeAsync() };
}
