// SPDX-License-Identifier: Apache-2.0
import { statSync } from "node:fs";
import { basename } from "node:path";
import { Command } from "commander";
import { type PolicyBundle, readPolicyFiles, writeManifest } from "@mayfly/policy";
import { usageFailure } from "../../failure.ts";
import { contentOf } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { invocation, withExample } from "../command.ts";
import { loadBundle, loadTexts } from "./bundle-directory.ts";

interface CheckOptions {
  readonly schema?: string;
  readonly trustedKey?: string;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Policies of single files: what their manifest would say is made up. */
function loadFiles(files: readonly string[], schemaFile: string | undefined): PolicyBundle {
  const wrong = files.filter((file) => !file.endsWith(".cedar"));
  if (wrong.length > 0)
    throw usageFailure(wrong.map((file) => `${JSON.stringify(file)} is neither a directory nor a .cedar file`));
  return loadTexts("the policy set", () => {
    const schema = schemaFile === undefined ? undefined : contentOf(schemaFile);
    const texts = files.map((file): [string, string] => [`policies/${basename(file)}`, `${contentOf(file)}\n`]);
    const policies = readPolicyFiles(Object.fromEntries(texts));
    return { policies, schema, manifest: writeManifest({ policies, schema }, 1) };
  });
}

function check(files: readonly string[], options: CheckOptions): PolicyBundle {
  const directories = files.filter(isDirectory);
  if (directories.length === 0) return loadFiles(files, options.schema);
  const [directory = ""] = directories;
  if (files.length > 1 || options.schema !== undefined)
    throw usageFailure("give one bundle's directory, or .cedar files with --schema");
  return loadBundle({ directory, trustedKey: options.trustedKey, allowUnsealed: options.trustedKey === undefined });
}

/** `mayfly policy check`: strict validation as a gateway does it, without a server. */
export function policyCheck(): Command {
  const command = new Command("check")
    .description("validate policies strictly, as a gateway does when it loads them; needs no server")
    .argument("<file...>", "directory of a bundle, or .cedar files")
    .option("--schema <file>", "schema of the arguments that .cedar files look at")
    .option("--trusted-key <file>", "public key (PEM) that a bundle has to be signed with");
  return withExample(command, "mayfly policy check policies/").action((...parameters: unknown[]) => {
    const { options, format, argument } = invocation<CheckOptions>(parameters);
    const { digest, revision, policies } = check(argument as readonly string[], options);
    const ids = Object.keys(policies).toSorted();
    if (format === "json") return printJson({ valid: true, digest, revision, policies: ids });
    printLine(`${String(ids.length)} ${ids.length === 1 ? "policy is" : "policies are"} valid: ${ids.join(", ")}`);
    printLine(`bundle ${digest}, revision ${String(revision)}`);
  });
}
