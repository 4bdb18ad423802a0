// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey, type KeyObject } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { readPolicyFiles, signManifest, writeManifest } from "@mayfly/policy";
import { CliFailure, exitCode } from "../../failure.ts";
import { contentOf, writeOne } from "../../files.ts";
import { printJson, printLine } from "../../output.ts";
import { invocation, withExample } from "../command.ts";
import { filesBelow, loadTexts } from "./bundle-directory.ts";

interface SealOptions {
  readonly revision: number;
  readonly key?: string;
}

function revisionOf(text: string): number {
  const revision = Number(text);
  if (!/^[1-9]\d{0,14}$/.test(text))
    throw new InvalidArgumentError(`${JSON.stringify(text)} is not a positive whole number`);
  return revision;
}

function privateKeyOf(file: string): KeyObject {
  const text = contentOf(file);
  try {
    const key = createPrivateKey(text);
    if (key.asymmetricKeyType === "ed25519") return key;
  } catch {
    // Said below, without a word of what is in it.
  }
  throw new CliFailure("FILE_UNREADABLE", `${JSON.stringify(file)} is no private Ed25519 key in PEM`, {
    exit: exitCode.usage,
  });
}

/** `mayfly policy seal`: writes the manifest of the policies as they are, and signs it. */
export function policySeal(): Command {
  const command = new Command("seal")
    .description("check the policies of a directory, write their manifest and sign it")
    .argument("<dir>", "directory with policies/*.cedar and schema.cedarschema")
    .requiredOption("--revision <number>", "grows with each change; gateways never go back", revisionOf)
    .option("--key <file>", "private Ed25519 key in PEM to sign with; - = standard input");
  const example = "mayfly policy seal policies/ --revision 2 --key policy-key.pem";
  return withExample(command, example).action((...parameters: unknown[]) => {
    const { options, format, argument } = invocation<SealOptions>(parameters);
    const directory = String(argument);
    const {
      "manifest.json": _old,
      "manifest.sig": _signature,
      "schema.cedarschema": schema,
      ...files
    } = filesBelow(directory);
    let manifest = "";
    const bundle = loadTexts(JSON.stringify(directory), () => {
      const policies = readPolicyFiles(files);
      manifest = writeManifest({ policies, schema }, options.revision);
      return { policies, schema, manifest };
    });
    const signature = options.key === undefined ? undefined : signManifest(manifest, privateKeyOf(options.key));
    writeOne(join(directory, "manifest.json"), manifest, "public");
    // A signature over the manifest before would only look like one.
    if (signature === undefined) rmSync(join(directory, "manifest.sig"), { force: true });
    else writeOne(join(directory, "manifest.sig"), signature, "public");
    const { digest, revision } = bundle;
    if (format === "json") return printJson({ digest, revision, signed: signature !== undefined });
    printLine(`bundle ${digest}, revision ${String(revision)}${signature === undefined ? "" : ", signed"}`);
  });
}
