// SPDX-License-Identifier: Apache-2.0
import { DiskKeyStore, type IssuedX509, openSigningService, readKeyEncryptionKey } from "../../src/index.ts";
import { openDatastore } from "../../../datastore/src/index.ts";

/** Signs one certificate for a public key (PKIX, DER), with everything in `folder`. */
export async function signOnce(folder: string, spki: Uint8Array): Promise<IssuedX509 | undefined> {
  const trustDomain = "example.org";
  await using datastore = await openDatastore({ file: `${folder}/server.db`, trustDomain });
  const keyEncryptionKey = await readKeyEncryptionKey({ file: `${folder}/key-encryption-key` });
  if (keyEncryptionKey === undefined) return undefined;
  await using service = await openSigningService({
    trustDomain,
    store: datastore.authorities,
    log: datastore.issuanceLog,
    keys: await DiskKeyStore.open({ folder: `${folder}/keys`, keyEncryptionKey }),
    ttls: { x509SvidSeconds: 600 },
  });
  const request = { spki, spiffeId: "spiffe://example.org/web", dnsNames: [], ttlSeconds: 0 };
  const [issued] = await service.signer.issueX509([{ ...request, purpose: "workload", requester: "local" }]);
  return issued;
}
