// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { type BundleTexts, readBundleFiles } from "@mayfly/policy";
import { GatewayError } from "../errors.ts";

const maxFileBytes = 131_072;
const maxFiles = 600;

/** Reads the files of a policy bundle. @throws {Error} what the file system says; {PolicyError} BUNDLE_MALFORMED */
export function readPolicyDirectory(directory: string): BundleTexts {
  const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(`${directory}/${path}`).isFile(),
  );
  if (paths.length > maxFiles) throw new GatewayError("POLICY_UNREADABLE", "the policy bundle has too many files");
  const files = paths.map((path) => {
    if (statSync(`${directory}/${path}`).size > maxFileBytes) {
      throw new GatewayError("POLICY_UNREADABLE", `${JSON.stringify(path)} is too large for a policy bundle`);
    }
    return [path, readFileSync(`${directory}/${path}`, "utf8")] as const;
  });
  return readBundleFiles(Object.fromEntries(files));
}

/** The key that bundles have to be signed with; undefined where none is asked for. @throws {GatewayError} KEY_UNREADABLE */
export function readPolicyKey(file: string | undefined): KeyObject | undefined {
  if (file === undefined) return undefined;
  try {
    return createPublicKey(readFileSync(file));
  } catch (cause) {
    throw new GatewayError("KEY_UNREADABLE", `${file} is no public key`, { cause });
  }
}
