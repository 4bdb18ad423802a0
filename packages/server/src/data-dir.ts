// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerStateError } from "./errors.ts";

const marker = "trust-domain";

/** Where a server keeps what must survive it. */
export interface DataDir {
  readonly database: string;
  readonly keys: string;
  /** The key encryption key, if nobody gave one. */
  readonly keyEncryptionKey: string;
  /** The private key of the record. */
  readonly recordKey: string;
}

function markedAs(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, marker), "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Makes the folder (0700) if need be, leaves the mode of one that is there; it belongs to one trust domain for good. @throws {ServerStateError} DATA_DIR_UNSAFE, DATA_DIR_MISMATCH */
export function openDataDir(directory: string, trustDomain: string): DataDir {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const found = statSync(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new ServerStateError("DATA_DIR_UNSAFE", `${JSON.stringify(directory)} is not a folder of this user`);
  }
  // Everything in it is readable by its owner only; who may write here could replace it, though.
  if ((found.mode & 0o022) !== 0) {
    throw new ServerStateError("DATA_DIR_UNSAFE", `others may write to ${JSON.stringify(directory)}`);
  }
  const known = markedAs(directory);
  if (known === undefined) writeFileSync(join(directory, marker), `${trustDomain}\n`, { mode: 0o600, flag: "wx" });
  else if (known !== trustDomain) {
    throw new ServerStateError("DATA_DIR_MISMATCH", `${JSON.stringify(directory)} belongs to ${JSON.stringify(known)}`);
  }
  return {
    database: join(directory, "server.db"),
    keys: join(directory, "keys"),
    keyEncryptionKey: join(directory, "key-encryption-key"),
    recordKey: join(directory, "record.key"),
  };
}
