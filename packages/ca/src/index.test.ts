// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import * as ca from "./index.ts";

it("ca exports what others build on, and no more", () => {
  expect(Object.keys(ca).toSorted()).toEqual([
    "Authorities",
    "AuthorityError",
    "DiskKeyStore",
    "KeyStoreError",
    "MemoryKeyStore",
    "SignerError",
    "authorityBackdateSeconds",
    "createPrivateFile",
    "defaultSigningTtls",
    "keyEncryptionKeyVariable",
    "openSigningService",
    "readKeyEncryptionKey",
    "readOrCreateKeyEncryptionKey",
    "rotationSchedule",
    "sealKey",
    "systemSigningClock",
    "unsealKey",
  ]);
});
