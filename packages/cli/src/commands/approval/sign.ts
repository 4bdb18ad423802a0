// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { approvalNamespace } from "@mayfly/tasks";
import { CliFailure } from "../../failure.ts";

interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a tool of OpenSSH, which asks for a passphrase on the terminal by itself. */
async function runTool(name: string, args: readonly string[], input: string): Promise<Run> {
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  const child = spawn(name, args, { stdio: ["pipe", "pipe", "pipe"] });
  const [out, err]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
  child.stdin.on("error", () => undefined).end(input);
  child.once("error", (cause) =>
    reject(
      new CliFailure("NOT_SIGNED", `${name} can't be started: ${cause.message}`, {
        hint: "install OpenSSH, or sign elsewhere and give --signature-file",
        cause,
      }),
    ),
  );
  child.once("close", (status) =>
    resolve({ status, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() }),
  );
  return await promise;
}

/** Type and key of a line `ssh-ed25519 AAAA… comment`. */
function keyOf(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(" ");
}

/** The keys in the agent, as public key lines. @throws {CliFailure} NOT_SIGNED */
async function agentKeys(): Promise<string[]> {
  const { status, stdout, stderr } = await runTool("ssh-add", ["-L"], "");
  if (status === 0) return stdout.split("\n").filter((line) => line.startsWith("ssh-ed25519 "));
  const said = (stderr || stdout).trim();
  throw new CliFailure("NOT_SIGNED", `there is no key in ssh-agent: ${said}`, {
    hint: "ssh-add loads one; or name a key file with --key",
  });
}

async function signWithFile(payload: string, file: string): Promise<string> {
  const args = ["-Y", "sign", "-n", approvalNamespace, "-f", file];
  const { status, stdout, stderr } = await runTool("ssh-keygen", args, payload);
  if (status === 0) return stdout;
  const said = stderr.split("\n").filter((line) => line !== "" && !line.startsWith("Signing data"));
  throw new CliFailure("NOT_SIGNED", `ssh-keygen made no signature: ${said.join("; ")}`);
}

async function signWithAgent(payload: string, registered: readonly string[]): Promise<string> {
  const wanted = new Set(registered.map(keyOf));
  const line = (await agentKeys()).find((each) => wanted.has(keyOf(each)));
  if (line === undefined)
    throw new CliFailure("NOT_SIGNED", "none of the operator's keys is in ssh-agent", {
      hint: "ssh-add loads one; or name a key file with --key",
    });
  const directory = mkdtempSync(join(tmpdir(), "mayfly-sign-"));
  try {
    const file = join(directory, "key.pub");
    writeFileSync(file, `${line}\n`, { mode: 0o600 });
    return await signWithFile(payload, file);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/**
 * An armored SSH signature over the text, in the namespace of approvals: with the key of a file (private, or the public half of one in
 * the agent), else with that of `registered` which is in the agent. The private key is OpenSSH's alone.
 * @throws {CliFailure} NOT_SIGNED
 */
export async function signApproval(
  payload: string,
  { keyFile, registered }: { readonly keyFile: string | undefined; readonly registered: readonly string[] },
): Promise<string> {
  return keyFile === undefined ? await signWithAgent(payload, registered) : await signWithFile(payload, keyFile);
}
