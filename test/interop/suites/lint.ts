// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { peerCommand } from "../peers.ts";
import { expect, type Suite } from "../suite.ts";
import { MayflyAgent, MayflyServer, output, runProgram } from "../../processes.ts";

const deploy = fileURLToPath(new URL("../../../deploy/", import.meta.url));

interface LintResult {
  readonly result: string;
}

/** Names of the zlint rules (RFC and community) that are not content with the certificate. */
export function findings(file: string): string[] {
  const report = JSON.parse(
    output([
      ...peerCommand("zlint"),
      "-includeSources",
      "RFC3279,RFC5280,RFC5480,RFC5891,RFC6962,RFC8813,Community",
      file,
    ]),
  ) as Record<string, LintResult>;
  return Object.entries(report)
    .filter(([, { result }]) => !["pass", "NA", "NE", "info"].includes(result))
    .map(([name, { result }]) => `${name}: ${result}`);
}

/** What others say of what we issue and of what we ship. */
export async function lint(suite: Suite): Promise<void> {
  await using server = await MayflyServer.start();
  await using agent = await MayflyAgent.start(server);
  const dir = mkdtempSync(join(tmpdir(), "mayfly-lint-"));
  server.createEntry("/plain", agent.id, ["unix:uid:0"]);
  server.createEntry(
    "/named",
    agent.id,
    ["unix:gid:0"],
    "--dns-name",
    "a.example.org",
    "--dns-name",
    "b.example.org",
    "--wait",
  );
  agent.mayfly("workload", "fetch", "x509", "--write", dir);
  writeFileSync(join(dir, "authority.pem"), server.mayfly("bundle", "show"));
  for (const name of ["svid.0.pem", "svid.1.pem", "authority.pem"]) {
    await suite.check(`zlint finds nothing on ${name}`, () => {
      const found = findings(join(dir, name));
      expect(found.length === 0, found.join("\n"));
    });
  }
  for (const purpose of ["sslserver", "sslclient"]) {
    await suite.check(`openssl verify -x509_strict accepts an SVID as ${purpose}`, () => {
      output([
        "openssl",
        "verify",
        "-x509_strict",
        "-purpose",
        purpose,
        "-CAfile",
        join(dir, "authority.pem"),
        join(dir, "svid.0.pem"),
      ]);
    });
  }
  for (const unit of ["mayfly-server", "mayfly-agent"]) {
    await suite.check(`systemd-analyze finds nothing wrong with ${unit}.service and its exposure is low`, () => {
      const file = join(deploy, "systemd", `${unit}.service`);
      const { stdout, stderr } = runProgram(["systemd-analyze", "security", "--offline=true", file]);
      const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1] ?? "10");
      expect(exposure <= 2.5, stdout + stderr);
      const wrong = runProgram(["systemd-analyze", "verify", file])
        .stderr.split("\n")
        .filter((line) => line.includes(unit) && !line.includes("is not executable"));
      expect(wrong.length === 0, wrong.join("\n"));
    });
  }
  await suite.check("hadolint finds nothing in the container file", () => {
    output([...peerCommand("hadolint"), join(deploy, "container", "Containerfile")]);
  });
}
