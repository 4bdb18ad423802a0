// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { Folder } from "./folder.ts";

const newNamespace = "unshare";

/** Runs a shell command with a disk of 6 MiB at `$0`, which nobody else sees; needs user namespaces or root. */
export function onSmallDisk(
  folder: string,
  command: string,
): { status: number | null; stdout: string; stderr: string } {
  const script = `mount -t tmpfs -o size=6m,mode=700 none "$0" && ${command}`;
  const namespaces = process.getuid?.() === 0 ? ["--mount"] : ["--mount", "--map-root-user"];
  return spawnSync(newNamespace, [...namespaces, "sh", "-c", script, folder], { encoding: "utf8" });
}

/** Whether this machine allows it. */
export function hasSmallDisks(): boolean {
  using folder = new Folder();
  return onSmallDisk(folder.path, "true").status === 0;
}
