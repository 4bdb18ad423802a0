// SPDX-License-Identifier: Apache-2.0
import { admission } from "../mtls/admission.ts";
import { type Backend, MayflyBackend } from "../mtls/backend.ts";
import { judgeOpenssl } from "../mtls/judge-openssl.ts";
import { rotation } from "../mtls/rotation.ts";
import { SpireBackend } from "../mtls/spire-backend.ts";
import { suspension } from "../mtls/suspension.ts";
import { withdrawal } from "../mtls/withdrawal.ts";
import { World } from "../mtls/world.ts";
import type { Suite } from "../suite.ts";

/** Lifetime of the SVIDs: renewed at about half of it. */
const ttlSeconds = 20;
const isLong = process.env["MAYFLY_LONG"] !== undefined;
const rotationSeconds = isLong ? 600 : 25;

/**
 * go-spiffe and spiffe-client as mTLS peers of each other, as processes of their own, over every transport and both directions: who gets in,
 * what a deletion does to open connections, and requests under rotation; below our agent and below the real spire-agent.
 */
export async function mtls(suite: Suite): Promise<void> {
  {
    await using backend = await MayflyBackend.start();
    await below(suite, backend, { rotates: true, stops: true });
    await judgeOpenssl(suite, backend);
  }
  for (const [server, rotates] of [
    ["spire-server", true],
    ["our server", isLong],
  ] as const) {
    await using backend = await SpireBackend.start(server);
    await below(suite, backend, { rotates, stops: isLong });
  }
}

async function below(
  suite: Suite,
  backend: Backend,
  { rotates, stops }: { readonly rotates: boolean; readonly stops: boolean },
): Promise<void> {
  await using world = await World.open(backend, ttlSeconds);
  await admission(suite, world);
  if (rotates) await rotation(suite, world, rotationSeconds);
  if (stops) await suspension(suite, world);
  await withdrawal(suite, world);
}
