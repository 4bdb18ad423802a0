// SPDX-License-Identifier: Apache-2.0
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  bundleService,
  mayflyProfilesService,
  mayflyTasksService,
  RpcChannel,
  svidService,
  type TaskMessage,
} from "@mayfly/rpc";
import { BundleSet, TrustDomain, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { X509Source } from "@mayfly/spiffe-client";
import { Certificate, createRequest } from "@mayfly/x509";
import { usualScope, writePolicies } from "../../../packages/gateway/test/world/world.ts";
import { addOperator } from "../../e2e/tasks/task-system.ts";
import { freePort, MayflyAgent, MayflyServer, ServiceProcess } from "../../processes.ts";

const mayfly = fileURLToPath(new URL("../../../scripts/mayfly", import.meta.url));
const toolServer = fileURLToPath(new URL("tool-server.ts", import.meta.url));
const trustDomain = "example.org";
const id = (path: string): string => `spiffe://${trustDomain}${path}`;
const uid = `unix:uid:${String(process.getuid?.() ?? 0)}`;

/** Server, node agent, gateway and tool server as processes of their own, each with an SVID of that server; the record is on disk. */
export class GatedSystem implements AsyncDisposable {
  readonly server: MayflyServer;
  readonly gateway: ServiceProcess;
  readonly tools: ServiceProcess;
  /** `https://host:port` of the gateway. */
  readonly url: string;
  readonly toolsUrl: URL;
  readonly admin: RpcChannel;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: AsyncDisposableStack,
    made: Pick<GatedSystem, "server" | "gateway" | "tools" | "url" | "toolsUrl" | "admin">,
  ) {
    this.server = made.server;
    this.gateway = made.gateway;
    this.tools = made.tools;
    this.url = made.url;
    this.toolsUrl = made.toolsUrl;
    this.admin = made.admin;
    this.#parts = parts;
  }

  /** `settings`: more of the configuration of gateway and server. */
  static async start(settings: Readonly<Record<string, unknown>> = {}): Promise<GatedSystem> {
    await using parts = new AsyncDisposableStack();
    const directory = mkdtempSync(join(tmpdir(), "mayfly-gated-"));
    parts.defer(() => rmSync(directory, { recursive: true, force: true }));
    const server = parts.use(await MayflyServer.start({ gateways: [id("/gateway")], log_level: "warn", ...settings }));
    const agent = parts.use(await MayflyAgent.start(server));
    for (const path of ["/gateway", "/tool/orders"]) server.createEntry(path, agent.id, [uid], "--wait");
    const admin = parts.use(RpcChannel.open({ address: `unix://${server.adminSocket}` }));
    await addOperator(admin, "dana");
    const command = [process.execPath, "--conditions=@mayfly/source", toolServer, agent.socket];
    const tools = parts.use(new ServiceProcess({ command, ready: /ready https:\S+\n/ }));
    await tools.boot();
    const toolsUrl = new URL(/ready (\S+)/.exec(tools.log)?.[1] ?? "");
    const listen = `127.0.0.1:${String(await freePort())}`;
    const file = join(directory, "gateway.yaml");
    const config = gatewayConfig({ directory, server: server.address, socket: agent.socket, listen, toolsUrl });
    writeFileSync(file, JSON.stringify({ ...config, ...settings }));
    const gateway = new ServiceProcess({ command: [mayfly, "gateway", "run", "--config", file], ready: /_listening/ });
    await parts.use(gateway).boot();
    return new GatedSystem(parts.move(), { server, gateway, tools, url: `https://${listen}`, toolsUrl, admin });
  }

  /** An active task of a tier with the scope of the gateway's tests. */
  async startTask(tier: string): Promise<TaskMessage> {
    const agent = `bot-${tier.toLowerCase()}`;
    const ceiling = JSON.stringify(usualScope);
    await this.admin.unary(mayflyProfilesService.methods.CreateProfile, {
      name: agent,
      owner: "dana",
      tier,
      ceiling_json: ceiling,
      selectors: [uid],
      expires_at_ms: String(Date.now() + 3_600_000),
      parent_id: id("/nobody"),
    });
    const request = { agent, owner: "dana", scope_json: ceiling, ttl_seconds: "600" };
    const { task } = await this.admin.unary(mayflyTasksService.methods.StartTask, request);
    if (task === null) throw new Error("no task");
    return task;
  }

  /** An SVID of the server for a path, for ten minutes. */
  async identity(path: string): Promise<X509Source> {
    const keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const csr = createRequest({ keys, uris: [id(path)] });
    const { svid } = await this.admin.unary(svidService.methods.MintX509SVID, { csr, ttl: 600 });
    const { x509_authorities } = await this.admin.unary(bundleService.methods.GetBundle, {});
    const authorities = x509_authorities.map(({ asn1 }) => Certificate.parse(asn1));
    const chain = (svid?.cert_chain ?? []).map((der) => Certificate.parse(der));
    return X509Source.of({
      svids: [X509Svid.of(chain, keys.privateKey)],
      bundles: BundleSet.of(new X509Bundle(TrustDomain.parse(trustDomain), authorities)),
      crls: [],
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts.disposeAsync();
  }
}

function gatewayConfig(made: {
  readonly directory: string;
  readonly server: string;
  readonly socket: string;
  readonly listen: string;
  readonly toolsUrl: URL;
}): Readonly<Record<string, unknown>> {
  const policy = join(made.directory, "policy");
  writePolicies(policy);
  return {
    trust_domain: trustDomain,
    server: made.server,
    listen: made.listen,
    workload_socket: made.socket,
    spiffe_id: id("/gateway"),
    data_dir: join(made.directory, "gateway"),
    policy,
    tool_servers: {
      orders: { url: made.toolsUrl.href, spiffe_id: id("/tool/orders"), tools: { query: { effect: "read" } } },
    },
  };
}
