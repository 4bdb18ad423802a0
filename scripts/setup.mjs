// SPDX-License-Identifier: Apache-2.0
// Brings the repository's own pnpm, Node and packages, then runs a command under them. Starts on any Node >= 18.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const bin = join(root, "node_modules", ".bin");
const stamp = join(root, "node_modules", ".setup-stamp");
const read = (name) => readFileSync(join(root, name));
const { packageManager } = JSON.parse(read("package.json"));
const wanted = createHash("sha256").update(packageManager).update(read("pnpm-lock.yaml")).digest("hex");

function run(command, args, env) {
  const child = spawnSync(command, args, { cwd: root, stdio: "inherit", env, shell: process.platform === "win32" });
  if (child.error) throw child.error;
  return child.status ?? 128;
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  const pnpm = ["exec", "--yes", `--package=${packageManager}`, "--", "pnpm"];
  const status = run("npm", [...pnpm, "install", "--frozen-lockfile"], process.env);
  if (status !== 0) process.exit(status);
  writeFileSync(stamp, wanted);
} else if (statSync(stamp).mtimeMs < statSync(join(root, "pnpm-lock.yaml")).mtimeMs) {
  // Touched but not changed: scripts/mayfly compares the times.
  try {
    utimesSync(stamp, new Date(), new Date());
  } catch {
    // A checkout that one may not write to works as it is.
  }
}

const [command, ...args] = process.argv.slice(2);
if (command) process.exitCode = run(command, args, { ...process.env, PATH: bin + delimiter + process.env.PATH });
