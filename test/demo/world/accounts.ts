// SPDX-License-Identifier: Apache-2.0
import { spawnSync } from "node:child_process";
import { copyFileSync, linkSync, mkdirSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const mayfly = join(root, "scripts", "mayfly");
const flags = ["--conditions=@mayfly/source"];
const names = ["gateway", "broker", "orders", "archive", "ir-bot"] as const;

/** A program of the demo that has an identity of its own. */
export type ProgramName = (typeof names)[number];

/** Who runs a program, and how the node agent tells it from the others. */
export interface Account {
  /** Undefined: the user who runs the demo. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  /** Selectors of its registration entry. */
  readonly selectors: readonly string[];
  /** The `mayfly` command as this program. */
  readonly mayfly: readonly string[];
  /** Runs a TypeScript file as this program. */
  readonly node: readonly string[];
}

/** One account for each program. */
export interface Accounts {
  readonly of: Readonly<Record<ProgramName, Account>>;
  /** How they are told apart, for people. */
  readonly described: string;
}

/**
 * Users of their own where the demo is root and other users can read the checkout; else one user, and a copy of Node for each program,
 * which its path tells apart. `directory`: where copies go.
 */
export function chooseAccounts(directory: string): Accounts {
  const uids = ownUids();
  if (uids !== undefined) {
    const described = `users of their own (uid ${String(uids[0])} to ${String(uids.at(-1))}), told apart by unix:uid`;
    return { of: accountsBy((_name, index) => byUid(uids[index] ?? 0)), described };
  }
  mkdirSync(join(directory, "bin"), { mode: 0o755 });
  const described = "one user for all, programs told apart by unix:path (as root, each has a user of its own)";
  return { of: accountsBy((name) => byPath(join(directory, "bin", name))), described };
}

function accountsBy(make: (name: ProgramName, index: number) => Account): Readonly<Record<ProgramName, Account>> {
  const made = names.map((name, index) => [name, make(name, index)] as const);
  return Object.fromEntries(made) as Record<ProgramName, Account>;
}

/** Of this process, so that another demo on the machine has others; undefined where they would be of no use. */
function ownUids(): readonly number[] | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const first = 50_000 + (process.pid % 2_000) * names.length;
  const { status } = spawnSync(mayfly, ["--version"], { uid: first, gid: first, cwd: "/", stdio: "ignore" });
  return status === 0 ? names.map((_name, index) => first + index) : undefined;
}

function byUid(uid: number): Account {
  const node = [realpathSync(process.execPath), ...flags];
  return { user: { uid, gid: uid }, selectors: [`unix:uid:${String(uid)}`], mayfly: [mayfly], node };
}

function byPath(copy: string): Account {
  try {
    linkSync(realpathSync(process.execPath), copy);
  } catch {
    // Another file system, or a file of somebody else.
    copyFileSync(realpathSync(process.execPath), copy);
  }
  const selectors = [`unix:uid:${String(process.getuid?.() ?? 0)}`, `unix:path:${copy}`];
  const node = [copy, ...flags];
  return { user: undefined, selectors, mayfly: [...node, join(root, "packages/cli/src/main.ts")], node };
}
