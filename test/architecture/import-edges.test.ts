// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const packagesDir = fileURLToPath(new URL("../../packages/", import.meta.url));
const scope = "@mayfly/";
const values = ["x509", "spiffe", "rpc", "telemetry"];
const domain = ["registration", "attestation", "journal", "ca", "tasks", "policy"];
const belowProcesses = [...values, ...domain, "datastore", "spiffe-client"];

/** The layer table of the design: each package and what it may import. */
const mayImport: Record<string, readonly string[]> = {
  x509: [],
  spiffe: ["x509"],
  rpc: [],
  telemetry: [],
  registration: ["spiffe"],
  attestation: ["x509", "spiffe", "registration"],
  journal: [],
  ca: ["x509", "spiffe", "journal"],
  tasks: ["spiffe"],
  policy: ["spiffe", "tasks"],
  datastore: [...values, ...domain],
  "spiffe-client": ["spiffe", "x509", "rpc"],
  server: belowProcesses,
  agent: belowProcesses,
  gateway: belowProcesses,
  broker: belowProcesses,
  cli: [
    "rpc",
    "spiffe",
    "spiffe-client",
    "registration",
    "tasks",
    "policy",
    "journal",
    "telemetry",
    "server",
    "agent",
    "gateway",
    "broker",
  ],
  testkit: belowProcesses,
};

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(packagesDir, name, "package.json"), "utf8")) as Manifest;
}

function sourcesOf(name: string): string[] {
  const dir = join(packagesDir, name, "src");
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join(dir, file));
}

function imported(file: string): string[] {
  const specifiers = readFileSync(file, "utf8").matchAll(/(?:from|import|import\()\s*"@mayfly\/([^"]+)"/g);
  return [...specifiers].map((match) => match[1] ?? "");
}

const packages = readdirSync(packagesDir);

describe("import edges", () => {
  it("knows every package", () => {
    expect(packages.toSorted()).toEqual(Object.keys(mayImport).toSorted());
  });

  it.each(packages)("%s declares only the edges of the layer table", (name) => {
    const declared = Object.keys(manifest(name).dependencies ?? {}).filter((key) => key.startsWith(scope));
    expect(declared.map((key) => key.slice(scope.length)).filter((key) => !mayImport[name]?.includes(key))).toEqual([]);
  });

  it.each(packages)("%s imports only what it may, by package name", (name) => {
    const allowed = new Set([...(mayImport[name] ?? []), "testkit"]);
    for (const file of sourcesOf(name)) {
      const test = file.endsWith(".test.ts");
      const bad = imported(file).filter((key) => !allowed.has(key) || (key === "testkit" && !test));
      expect({ file, bad }).toEqual({ file, bad: [] });
    }
  });

  it("cli touches the processes only from its run commands", () => {
    const offenders = sourcesOf("cli").filter(
      (file) =>
        !file.endsWith(".test.ts") &&
        !file.includes("/run/") &&
        imported(file).some((key) => ["server", "agent", "gateway", "broker"].includes(key)),
    );
    expect(offenders).toEqual([]);
  });
});
