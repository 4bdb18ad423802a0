// SPDX-License-Identifier: Apache-2.0
// Issues certificates and tokens without end until it dies at a point: `<folder> <point> <occurrence>`.
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { DiskKeyStore, openSigningService } from "../../src/index.ts";
import { openDatastore } from "../../../datastore/src/index.ts";
import { Crash, crashingKeys, crashingLog, crashingStore } from "./crash-points.ts";
import { requestFor } from "./test-service.ts";

const [folder = "", point = "", occurrence = "1"] = process.argv.slice(2);
const crash = new Crash(point, Number(occurrence));
const datastore = await openDatastore({ file: join(folder, "server.db"), trustDomain: "example.org" });
const keyEncryptionKey = Buffer.alloc(32, 7);
const keys = await DiskKeyStore.open({ folder: join(folder, "keys"), keyEncryptionKey });
const service = await openSigningService({
  trustDomain: "example.org",
  store: crashingStore(datastore.authorities, crash),
  log: crashingLog(datastore.issuanceLog, crash),
  keys: crashingKeys(keys, crash, join(folder, "signed")),
});

async function issueForEver(caller: number): Promise<never> {
  for (let i = 0; ; i++) {
    const issued = await service.signer.issueX509([requestFor(`w/${caller}/${i}`), requestFor(`v/${caller}/${i}`)]);
    crash.at("before-reply");
    for (const { chain } of issued) {
      appendFileSync(join(folder, "held"), chain.map((der) => `${Buffer.from(der).toString("hex")}\n`).join(""));
    }
    crash.at("after-reply");
    const jwt = { spiffeId: "spiffe://example.org/a", audience: ["b"], ttlSeconds: 0, requester: "local" };
    const { token } = await service.signer.issueJwt(jwt);
    appendFileSync(join(folder, "tokens"), `${token}\n`);
  }
}

await Promise.all([0, 1, 2, 3].map(issueForEver));
