// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import { chmodSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import {
  entryService,
  healthService,
  mayflyWorkloadService,
  reflectionV1AlphaService,
  reflectionV1Service,
  RpcChannel,
  WORKLOAD_HEADER,
  workloadApiService,
} from "@mayfly/rpc";
import { BundleSet, JwtBundle, TrustDomain, verifyJwtSvid, verifyPeer, X509Bundle, X509Svid } from "@mayfly/spiffe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nextOf, refusalOf, TestSystem, watchX509 } from "./system.ts";

const methods = workloadApiService.methods;
const td = TrustDomain.parse("example.org");

let system: TestSystem;
let channel: RpcChannel;
beforeAll(async () => {
  system = await TestSystem.start();
  await system.createEntry("/w", { hint: "h", dns_names: ["w.example.org"] });
  channel = system.openWorkload();
  await nextOf(watchX509(channel));
});
afterAll(async () => {
  channel.close();
  await system[Symbol.asyncDispose]();
});

async function* once(request: object): AsyncGenerator<object> {
  yield request;
}

describe("the Workload API", () => {
  it("gives an X.509-SVID that fits its key, its bundle and the rules", async () => {
    const { svids, federated_bundles, crl } = await nextOf(watchX509(channel));
    const [message] = svids;
    if (message === undefined) throw new Error("no SVID");
    const svid = X509Svid.parse(message.x509_svid, message.x509_svid_key, message.hint);
    expect(svid.id.toString()).toBe(message.spiffe_id);
    expect(svid.hint).toBe("h");
    const bundles = BundleSet.of(X509Bundle.fromDer(td, message.bundle));
    expect(verifyPeer(svid.chain, bundles, { now: new Date() }).id.toString()).toBe("spiffe://example.org/w");
    expect([federated_bundles, crl]).toEqual([{}, []]);
  });

  it("gives the same bundles on their own streams", async () => {
    const x509 = await nextOf(channel.serverStream(methods.FetchX509Bundles, {}));
    expect(Object.keys(x509.bundles)).toEqual(["spiffe://example.org"]);
    expect(x509.bundles["spiffe://example.org"]).toEqual((await nextOf(watchX509(channel))).svids[0]?.bundle);
    const jwt = await nextOf(channel.serverStream(methods.FetchJWTBundles, {}));
    expect(Object.keys(jwt.bundles)).toEqual(["spiffe://example.org"]);
  });

  it("gives JWT-SVIDs that validate here and there, and the same one again while it is young", async () => {
    const request = { audience: ["a", "b"], spiffe_id: "spiffe://example.org/w" };
    const { svids } = await channel.unary(methods.FetchJWTSVID, request);
    const token = svids[0]?.svid ?? "";
    const { bundles } = await nextOf(channel.serverStream(methods.FetchJWTBundles, {}));
    const bundle = JwtBundle.fromJwks(td, bundles["spiffe://example.org"] ?? "");
    const verified = verifyJwtSvid(token, BundleSet.of(bundle), { audience: ["b"], now: new Date() });
    expect(verified.id.toString()).toBe("spiffe://example.org/w");
    const answer = await channel.unary(methods.ValidateJWTSVID, { audience: "a", svid: token });
    expect(answer.spiffe_id).toBe("spiffe://example.org/w");
    expect((await channel.unary(methods.FetchJWTSVID, request)).svids[0]?.svid).toBe(token);
    const other = await channel.unary(methods.FetchJWTSVID, { ...request, audience: ["b"] });
    expect(other.svids[0]?.svid).not.toBe(token);
  });

  it("WAP-D01, ENDPOINT-05: refuses every method and reflection without the header, or with another value", async () => {
    for (const metadata of [
      {},
      { [WORKLOAD_HEADER]: "false" },
      { [WORKLOAD_HEADER]: "True" },
      { [WORKLOAD_HEADER]: "" },
    ]) {
      using bare = RpcChannel.open({ address: `unix://${system.agent.socketPath}`, metadata });
      const attempts = [
        nextOf(bare.serverStream(methods.FetchX509SVID, {})),
        nextOf(bare.serverStream(methods.FetchX509Bundles, {})),
        bare.unary(methods.FetchJWTSVID, { audience: ["a"] }),
        nextOf(bare.serverStream(methods.FetchJWTBundles, {})),
        bare.unary(methods.ValidateJWTSVID, { audience: "a", svid: "x" }),
        nextOf(bare.bidi(reflectionV1Service.methods.ServerReflectionInfo, once({ list_services: "" }))),
        nextOf(bare.bidi(reflectionV1AlphaService.methods.ServerReflectionInfo, once({ list_services: "" }))),
        bare.unary(mayflyWorkloadService.methods.GetAgentStatus, {}),
      ];
      for (const attempt of attempts) {
        const { code, message } = await refusalOf(attempt);
        expect([code, message]).toEqual([3, "security header missing from request"]);
      }
      expect((await bare.unary(healthService.methods.Check, { service: "" })).status).toBe("SERVING");
    }
  });

  it("tells its services by reflection to those who send the header", async () => {
    const answers = channel.bidi(reflectionV1Service.methods.ServerReflectionInfo, once({ list_services: "" }));
    expect(JSON.stringify(await nextOf(answers))).toContain('"SpiffeWorkloadAPI"');
  });

  it("WAP-D10, WLAPI-30: refuses a token for an identity of somebody else", async () => {
    const other = await system.createEntry("/other", { selectors: [{ type: "unix", value: "uid:4000000" }] });
    for (const spiffe_id of [
      "spiffe://example.org/other",
      "spiffe://example.org/nobody",
      "spiffe://elsewhere.test/w",
    ]) {
      const { code, message } = await refusalOf(channel.unary(methods.FetchJWTSVID, { audience: ["a"], spiffe_id }));
      expect([code, message]).toEqual([7, "no identity issued"]);
    }
    await system.server.deleteEntry(other);
  });

  it("WAP-D11, WLAPI-08: refuses audiences that are none, empty, too many or too long", async () => {
    const many = Array.from({ length: 10_000 }, (_, index) => `a${index}`);
    for (const audience of [[], [""], ["a", ""], many, ["a".repeat(1_000_000)]]) {
      expect((await refusalOf(channel.unary(methods.FetchJWTSVID, { audience }))).code).toBe(3);
    }
  });

  it("WLAPI-40, STAB-01: answers 12 for WIT-SVIDs and whatever else it does not offer", async () => {
    expect((await refusalOf(nextOf(channel.serverStream(methods.FetchWITSVID, { spiffe_id: "" })))).code).toBe(12);
    expect((await refusalOf(nextOf(channel.serverStream(methods.FetchWITBundles, {})))).code).toBe(12);
    expect((await refusalOf(channel.unary(entryService.methods.CountEntries, {}))).code).toBe(12);
  });

  it("explains to a process what it is and what it gets", async () => {
    const explained = await channel.unary(mayflyWorkloadService.methods.ExplainProcess, { pid: 0 });
    expect(explained.matches.map(({ spiffe_id }) => spiffe_id?.path)).toEqual(["/w"]);
    expect(explained.selectors).toContainEqual({ type: "unix", value: `uid:${process.getuid?.()}` });
    expect(explained.selectors.some(({ value }) => value.startsWith("sha256:"))).toBe(true);
    expect(explained.agent_id).toBe(system.agentId);
    expect(explained.obstacles).toEqual([]);
  });

  it("explains to root what another process lacks, and to nobody else", async () => {
    const near = await system.createEntry("/near", {
      selectors: [
        { type: "unix", value: "uid:0" },
        { type: "unix", value: "path:/usr/bin/nothing" },
      ],
    });
    // The parent of all is root's.
    const explaining = channel.unary(mayflyWorkloadService.methods.ExplainProcess, { pid: 1 });
    if (process.getuid?.() === 0) {
      const { obstacles, matches } = await explaining;
      expect([...matches.map(({ id }) => id), ...obstacles.map(({ code }) => code)].length).toBeGreaterThan(0);
    } else {
      expect((await refusalOf(explaining)).code).toBe(7);
    }
    await system.server.deleteEntry(near);
  });

  it.runIf(process.getuid?.() === 0)(
    "explains to a user what concerns him, and nothing of the entries of others",
    async () => {
      const uid = 65_534;
      const demand = (...values: string[]): Readonly<Record<string, unknown>> => ({
        selectors: values.map((value) => ({ type: "unix", value })),
      });
      const entries = [
        await system.createEntry("/mine", demand(`gid:${uid}`)),
        await system.createEntry("/nearly-mine", demand(`uid:${uid}`, "path:/usr/bin/nothing")),
        await system.createEntry("/of-others", demand("uid:1000", `gid:${uid}`)),
      ];
      // In a directory that others may enter.
      chmodSync(system.directory.path, 0o755);
      const program = fileURLToPath(new URL("./explain-client.ts", import.meta.url));
      const child = spawn(process.execPath, [
        "--conditions=@mayfly/source",
        program,
        system.agent.socketPath,
        `${uid}`,
      ]);
      const answer = await text(child.stdout);
      expect(answer).toContain("/mine");
      expect(answer).not.toContain("/of-others");
      for (const id of entries) await system.server.deleteEntry(id);
    },
  );
});
