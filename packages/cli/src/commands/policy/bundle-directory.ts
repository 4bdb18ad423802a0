// SPDX-License-Identifier: Apache-2.0
import { createPublicKey, type KeyObject } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type BundleTexts, PolicyBundle, readBundleFiles, readPolicyFiles, writeManifest } from "@mayfly/policy";
import { documentFailure } from "../../documents.ts";
import { CliFailure, exitCode } from "../../failure.ts";
import { contentOf } from "../../files.ts";

const maxFiles = 600;
const maxFileBytes = 262_144;

/** Which bundle, and what it has to be. */
export interface BundleChoice {
  /** Directory of the bundle. */
  readonly directory: string;
  /** PEM file of the public key that it has to be signed with. */
  readonly trustedKey?: string | undefined;
  /** Takes the texts as they are where there is no manifest yet: for whoever writes policies. */
  readonly allowUnsealed?: boolean | undefined;
}

function unreadable(path: string, cause: unknown): CliFailure {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new CliFailure("FILE_UNREADABLE", `cannot read ${JSON.stringify(path)}: ${code ?? message}`, {
    exit: exitCode.usage,
    cause,
  });
}

/** The files below a directory, by path. @throws {CliFailure} FILE_UNREADABLE, FILE_TOO_LARGE */
export function filesBelow(directory: string): Record<string, string> {
  try {
    const paths = readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
      statSync(join(directory, path)).isFile(),
    );
    const tooLarge = paths.find((path) => statSync(join(directory, path)).size > maxFileBytes);
    if (paths.length > maxFiles || tooLarge !== undefined)
      throw new CliFailure(
        "FILE_TOO_LARGE",
        `${JSON.stringify(tooLarge ?? directory)} is too much for a policy bundle`,
        {
          exit: exitCode.usage,
        },
      );
    return Object.fromEntries(paths.map((path) => [path, readFileSync(join(directory, path), "utf8")]));
  } catch (error) {
    throw error instanceof CliFailure ? error : unreadable(directory, error);
  }
}

function textsOf({ directory, allowUnsealed }: BundleChoice): BundleTexts {
  const files = filesBelow(directory);
  if (allowUnsealed !== true || files["manifest.json"] !== undefined) return readBundleFiles(files);
  const { "schema.cedarschema": schema, ...others } = files;
  const policies = readPolicyFiles(others);
  return { policies, schema, manifest: writeManifest({ policies, schema }, 1) };
}

/** A public key in PEM. @throws {CliFailure} FILE_UNREADABLE */
function publicKeyOf(file: string | undefined): KeyObject | undefined {
  if (file === undefined) return undefined;
  const text = contentOf(file);
  try {
    return createPublicKey(text);
  } catch (cause) {
    throw new CliFailure("FILE_UNREADABLE", `${JSON.stringify(file)} is no public key in PEM`, {
      exit: exitCode.usage,
      cause,
    });
  }
}

/** Loads a bundle as a gateway would. @throws {CliFailure} with the policy engine's code and all that is wrong, exit 2 */
export function loadBundle(choice: BundleChoice): PolicyBundle {
  const trustedKey = publicKeyOf(choice.trustedKey);
  return loadTexts(JSON.stringify(choice.directory), () => textsOf(choice), trustedKey);
}

/** Loads texts, wherever they are from. @throws {CliFailure} as `loadBundle` */
export function loadTexts(what: string, read: () => BundleTexts, trustedKey?: KeyObject): PolicyBundle {
  try {
    return PolicyBundle.load(read(), { trustedKey });
  } catch (error) {
    throw documentFailure(error, what);
  }
}
