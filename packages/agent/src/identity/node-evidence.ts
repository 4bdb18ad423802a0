// SPDX-License-Identifier: Apache-2.0
import { createPrivateKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createJoinTokenAttestor, createX509popAttestor, type NodeAttestor } from "@mayfly/attestation";
import { parsePem } from "@mayfly/x509";
import type { AgentConfig } from "../config/agent-config.ts";
import { AgentError } from "../errors.ts";
import type { Introduction } from "../trust/bootstrap.ts";
import { readSecret } from "../trust/secret-file.ts";

/** What the node proves itself with, read anew for each attestation, for files change. @throws {AgentError} NO_EVIDENCE, SECRET_UNREADABLE */
export async function openNodeAttestor(
  { nodeMethod }: AgentConfig,
  { enrolment, token }: Introduction,
): Promise<NodeAttestor> {
  if (nodeMethod.type === "x509pop") return openX509pop(nodeMethod);
  if (token !== undefined) return createJoinTokenAttestor(token);
  if (nodeMethod.tokenFile !== undefined && nodeMethod.tokenFile !== "-")
    return createJoinTokenAttestor(await readSecret(nodeMethod.tokenFile));
  if (enrolment !== undefined) return createJoinTokenAttestor(enrolment.token);
  throw new AgentError("NO_EVIDENCE", "there is no SVID on disk, no join token and no enrolment string to attest with");
}

async function openX509pop(files: { certificateFile: string; privateKeyFile: string }): Promise<NodeAttestor> {
  try {
    const chain = parsePem(await readFile(files.certificateFile, "utf8"), "CERTIFICATE");
    const privateKey = createPrivateKey(await readFile(files.privateKeyFile));
    if (chain.length === 0) throw new RangeError("no certificate in the file");
    return createX509popAttestor({ chain, privateKey });
  } catch (error) {
    // A parser's message may quote the key: only a failure of the file system is told.
    const cause = error instanceof Error && "syscall" in error ? error : undefined;
    throw new AgentError("SECRET_UNREADABLE", "the node's certificate or key can't be read", { cause });
  }
}
