// SPDX-License-Identifier: Apache-2.0
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { FakeWorkloadApi, TestCa } from "@mayfly/testkit";
import { expect, it } from "vitest";
import { transports } from "./mtls/transports.ts";

const root = join(import.meta.dirname, "../../..");
const nodes = ["node-22-linux-x64", "node-24-linux-x64"]
  .map((name) => join(root, "node_modules", name, "bin/node"))
  .filter((path) => existsSync(path));
const id = "spiffe://example.org/workload";

it.each([process.execPath, ...nodes])("%s talks over every transport and fetch, and exits by itself", async (node) => {
  await using api = await FakeWorkloadApi.start();
  api.pushX509({ svids: [{ ca: TestCa.create() }] });
  const probe = join(import.meta.dirname, "node-probe.ts");
  const { stdout } = await promisify(execFile)(node, ["--conditions=@mayfly/source", probe], {
    env: { SPIFFE_ENDPOINT_SOCKET: api.address },
    timeout: 30_000,
  });
  expect(JSON.parse(stdout)).toEqual({
    ...Object.fromEntries(transports.map(({ name }) => [name, `${id} one, ${id} two, 1 open`])),
    "global fetch": `GET ${id} no body`,
    "global fetch with a body": `POST ${id} body`,
    "global fetch, refused": "NOT_AUTHORIZED",
    createFetch: `GET ${id} no body`,
    "createFetch with a Request": `PUT ${id} body`,
    "createFetch with a form": `POST ${id} body`,
  });
});
