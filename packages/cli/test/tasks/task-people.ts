// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RpcChannel } from "@mayfly/rpc";
import { argumentsDigest } from "@mayfly/tasks";
import { System } from "../mayfly.ts";

/** What tasks of the tests may do. */
const scope: object = {
  tools: [
    { server: "orders", tool: "orders.query", effect: "read" },
    {
      server: "orders",
      tool: "orders.refund",
      effect: "irreversible",
      maxCalls: 3,
      approval: "over-limit",
      arguments: { amount: { max: 100 } },
    },
  ],
};

/** A new Ed25519 key of OpenSSH in the system's directory; gives the private key's file. */
export function sshKey(system: System, name: string): string {
  const file = join(system.directory, name);
  const made = spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", file]);
  if (made.status !== 0) throw new Error(`ssh-keygen: ${made.stderr.toString()}`);
  return file;
}

/** A server with a gateway and a broker by name, the owner dana, the approver lee, and the agent ops/refunds. */
export async function startPeople({ withAgent = true } = {}): Promise<System> {
  const settings = { gateways: ["spiffe://example.org/gateway"], brokers: ["spiffe://example.org/broker"] };
  const system = await System.start({ withAgent, settings });
  for (const [name, role] of [
    ["dana", "operator"],
    ["lee", "approver"],
  ] as const)
    await system.json("operator", "create", name, "--role", role, "--key-file", `${sshKey(system, name)}.pub`);
  const ceiling = system.file("scope.json", JSON.stringify(scope));
  const selector = `unix:uid:${String(process.getuid?.() ?? 0)}`;
  const fields = [
    "--owner",
    "dana",
    "--tier",
    "T2",
    "--ceiling",
    ceiling,
    "--selector",
    selector,
    "--expires-in",
    "24h",
  ];
  const node = withAgent ? system.agentId : "spiffe://example.org/spire/agent/x509pop/n1";
  await system.json("agent-profile", "create", "ops/refunds", ...fields, "--parent-id", node);
  return system;
}

/** A task as `--output json` prints it. */
export interface PrintedTask {
  readonly id: string;
  readonly state: string;
  readonly reason: string | null;
  readonly spiffe_id: string;
  readonly parent_id: string | null;
  readonly revision: number;
}

/** Starts a task of ops/refunds; its ticket is in the file `<id of the test>`. */
export async function startTask(system: System, ticketFile: string): Promise<PrintedTask> {
  const scopeFile = join(system.directory, "scope.json");
  const words = ["--agent", "ops/refunds", "--owner", "dana", "--scope", scopeFile, "--ttl", "10m"];
  const { task } = await system.json<{ task: PrintedTask }>("task", "start", ...words, "--ticket-file", ticketFile);
  return task;
}

/** The server's listener as whoever a minted SVID makes one. */
export async function openAs(system: System, path: string): Promise<RpcChannel> {
  const directory = join(system.directory, "minted", path);
  await system.json("svid", "mint", "x509", "--spiffe-id", `spiffe://example.org${path}`, "--write", directory);
  const pem = readFileSync(join(directory, "svid.pem"), "utf8");
  const chain = (pem.match(/-----BEGIN [\s\S]*?-----END CERTIFICATE-----/g) ?? []).map(
    (each) => new X509Certificate(each).raw,
  );
  const privateKey = createPrivateKey(readFileSync(join(directory, "key.pem")));
  const root = new X509Certificate(readFileSync(join(directory, "bundle.pem")));
  return RpcChannel.open({
    address: system.address,
    tls: {
      identity: { chain, privateKey },
      verify([leaf = Buffer.alloc(0)]) {
        if (!new X509Certificate(leaf).verify(root.publicKey)) throw new Error("not the server");
      },
    },
  });
}

/** A call of a tool as a gateway states it. */
export function statedCall(task: PrintedTask, tool: string, args: string): object {
  return {
    task_id: task.id,
    svid_serial: "c0ffee",
    server: "orders",
    tool,
    effect: tool === "orders.query" ? "read" : "irreversible",
    arguments_digest: `hmac-sha256:${"cd".repeat(32)}`,
    canonical_digest: argumentsDigest(args),
    policy_digest: `sha256:${"ab".repeat(32)}`,
    policy_ids: ["orders"],
    task_revision: String(task.revision),
  };
}
