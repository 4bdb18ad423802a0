// SPDX-License-Identifier: Apache-2.0
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type JWTBundlesResponse, StatusError, toStruct, WORKLOAD_HEADER, workloadApiService } from "@mayfly/rpc";
import { judgeAll } from "../../src/commands/workload/conformance/all-rows.ts";
import { brokenIn, observeModel, rowsWith } from "./judge-endpoint.ts";
import { checkHeader, type Defects } from "./model-endpoint.ts";
import { ModelIdentity } from "./model-identity.ts";
import { readRawToken } from "../../src/commands/workload/conformance/raw-token.ts";

/** What one client that has an identity can't see of an endpoint with all profiles. */
const withIdentity = [
  "ENDPOINT-12 not ready is UNAVAILABLE, never a hang",
  "ENDPOINT-13 no identity is PERMISSION_DENIED",
  "WLAPI-40 WIT calls: header before UNIMPLEMENTED",
  "WLAPI-21 X.509: PERMISSION_DENIED without identity",
  "WLAPI-32 JWT: PERMISSION_DENIED without identity",
  "WLAPI-12 entitlement is looked at again before pushes",
  "WLAPI-15 UNAVAILABLE while entries are still coming",
  "WLAPI-45 WIT: PERMISSION_DENIED without identity",
];

function refusing(code: number, text: string): Defects {
  const refuse = (): never => {
    throw new StatusError(code, text);
  };
  return {
    admit: (call) => {
      checkHeader(call);
      if (call.path.startsWith("/SpiffeWorkloadAPI/")) refuse();
    },
  };
}

describe("a good endpoint", () => {
  it("breaks nothing, and all but what one client can't see is seen", async () => {
    const rows = judgeAll((await observeModel()).seen);
    expect(rows.filter(({ verdict }) => verdict === "fail" || verdict === "warn")).toEqual([]);
    expect(rowsWith("not seen", rows)).toEqual(withIdentity);
  });

  it("without the WIT profile breaks nothing", async () => {
    const { seen } = await observeModel({ wit: false });
    expect(brokenIn(seen)).toEqual([]);
    expect(rowsWith("pass", judgeAll(seen))).toContain("WLAPI-40 WIT calls: header before UNIMPLEMENTED");
  });

  it("may write its JWT bundles and their keys in another order each time", async () => {
    const { bundles } = new ModelIdentity().jwtBundles(true);
    const { keys } = JSON.parse(String(bundles["spiffe://example.org"])) as { keys: object[] };
    let order = 0;
    const any = (): JWTBundlesResponse => {
      order += 1;
      const own = Buffer.from(JSON.stringify({ keys: order % 2 === 0 ? keys : keys.toReversed() }));
      const foreign = Buffer.from('{"keys":[]}');
      const entries = Object.entries({ "spiffe://example.org": own, "spiffe://other.test": foreign });
      return { bundles: Object.fromEntries(order % 3 === 0 ? entries : entries.toReversed()) };
    };
    const { seen } = await observeModel({ handlers: { FetchJWTBundles: () => sending([any()], false) } });
    expect(brokenIn(seen).filter((row) => row.startsWith("WLAPI-05"))).toEqual([]);
  });

  it("that has no identity for the caller breaks nothing, and shows the rows about that", async () => {
    const { seen } = await observeModel(refusing(7, "no identity issued"));
    expect(brokenIn(seen)).toEqual([]);
    const passed = rowsWith("pass", judgeAll(seen));
    for (const id of ["ENDPOINT-13", "WLAPI-21", "WLAPI-32", "WLAPI-45"])
      expect(passed).toContainEqual(expect.stringContaining(id));
  });

  it("that is not ready breaks nothing, and shows the row about that", async () => {
    const { seen } = await observeModel(refusing(14, "not yet"));
    expect(brokenIn(seen)).toEqual([]);
    expect(rowsWith("pass", judgeAll(seen))).toContain("ENDPOINT-12 not ready is UNAVAILABLE, never a hang");
  });
});

/** A stream that sends these messages and then `end`s or stays open. */
async function* sending<T>(messages: readonly T[], end: boolean): AsyncGenerator<T> {
  for (const message of messages) {
    yield message;
    await sleep(30);
  }
  if (!end) await new Promise(() => undefined);
}

const identity = new ModelIdentity();
const [first, second] = [identity.x509(), identity.x509(true)];
const reversed = { ...first, svids: first.svids.toReversed() };
let openings = 0;

describe("on the wire, a defect is told by its rows and no other", () => {
  it.each<[string, Defects, string[]]>([
    [
      "no header is needed",
      { admit: () => undefined },
      [
        ...Object.keys(workloadApiService.methods).map((name) => `ENDPOINT-05 ${name} refuses a wrong header`),
        "ENDPOINT-05 reflection asks for the header, too",
      ],
    ],
    [
      "the header may have any case and more values",
      {
        admit: ({ metadata }) => {
          if (!metadata.get(WORKLOAD_HEADER).some((value) => String(value).toLowerCase() === "true"))
            throw new StatusError(3, "no header");
        },
      },
      Object.keys(workloadApiService.methods).map((name) => `ENDPOINT-05 ${name} refuses a wrong header`),
    ],
    [
      "no reflection",
      { reflection: false },
      ["ENDPOINT-18 server reflection, v1", "ENDPOINT-18 server reflection, v1alpha"],
    ],
    [
      "modes",
      { socketMode: 0o700, directoryMode: 0o775 },
      ["ENDPOINT-19 every user may connect to the socket", "ENDPOINT-19 others can't replace the socket"],
    ],
    [
      "a stream ends well after its message",
      { handlers: { FetchX509SVID: () => sending([first], true) } },
      ["WLAPI-14 a healthy stream never ends with OK"],
    ],
    [
      "the same again",
      { handlers: { FetchX509SVID: () => sending([first, first], false) } },
      ["WLAPI-05 FetchX509SVID: no message twice in a row"],
    ],
    [
      "a change that only new streams see",
      { handlers: { FetchX509SVID: () => sending([openings++ < 2 ? first : second], false) } },
      ["WLAPI-05 FetchX509SVID: a change is pushed"],
    ],
    [
      "a push without what did not change",
      {
        handlers: {
          FetchX509SVID: () =>
            sending(
              [first, { ...second, svids: second.svids.slice(1) }, first, { ...second, federated_bundles: {} }],
              false,
            ),
        },
      },
      ["WLAPI-03 a push is the complete state", "WLAPI-05 FetchX509SVID: a change is pushed"],
    ],
    [
      "identities that change places",
      { handlers: { FetchX509SVID: () => sending([first, reversed, first], false) } },
      ["WLAPI-53 identities keep their order"],
    ],
    [
      "every token is valid",
      {
        handlers: {
          ValidateJWTSVID: ({ svid }) => {
            const claims = readRawToken(svid)?.claims ?? {};
            const { sub = "spiffe://example.org/a", exp = 1 } = claims as { sub?: string; exp?: number };
            return { spiffe_id: sub, claims: toStruct({ sub, exp, aud: ["conformance"] }) };
          },
        },
      },
      [
        ...["an empty audience", "an empty token"].map((what) => `WLAPI-08 ValidateJWTSVID refuses ${what}`),
        "JWT-01 ValidateJWTSVID: compact form only",
        "JWT-02 ValidateJWTSVID: the nine algorithms only",
        "JWT-03 ValidateJWTSVID: no DER signature",
        "JWT-07 ValidateJWTSVID: no key out of tokens",
        "JWT-12 ValidateJWTSVID: its own audience only",
        "JWT-21 ValidateJWTSVID: no other signature",
        "JWT-22 ValidateJWTSVID: own trust domain's keys",
      ],
    ],
  ])("%s", async (_what, defects, rows) => {
    openings = 0;
    const { seen } = await observeModel(defects);
    expect(brokenIn(seen).toSorted()).toEqual(rows.toSorted());
  });
});
