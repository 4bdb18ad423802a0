// SPDX-License-Identifier: Apache-2.0
import { type Deviation } from "./harness/deviation.ts";
import type { Json } from "./harness/scenario.ts";

const emptyAudience = "an empty audience is refused wherever it stands; SPIRE drops it from a list";
const expired = "an entry yields nothing from the second on in which it ends; SPIRE serves it until it is pruned";
const ownWords = "what follows the text of SPIRE itself comes from its libraries; we say it in our words";
const badTyp = "a token whose type is neither JWT nor JOSE is refused (JWT-SVID \u00a72.2); SPIRE does not look at it";
const reflection = "reflection needs the security header as everything on the endpoint (Workload Endpoint \u00a74)";
const sds = "Envoy's secret discovery is not served yet";
const whole = "a new entry is pushed with its SVID; SPIRE pushes the old state once more while it waits for it";
const older = "a changed hint needs no new certificate; SPIRE issues one for each revision of an entry";

function text(message: string, reason = ownWords): Deviation {
  return { reason, instead: () => ({ message }) };
}

const emptyRefused: Deviation = {
  reason: emptyAudience,
  instead: () => ({ code: 3, message: "audience must not be empty", response: undefined }),
};
const headerDemanded: Deviation = {
  reason: reflection,
  instead: () => ({ code: 3, message: "security header missing from request", response: undefined }),
};

/** The recorded answer without the identity of the entry that ended. */
function withoutExpired({ response = {} }: { readonly response?: Json | undefined }): { response: Json } {
  const left: unknown = JSON.parse(JSON.stringify(response), (key, value: unknown) =>
    key === "svids" && Array.isArray(value)
      ? value.filter((svid: { spiffeId: string }) => svid.spiffeId !== "spiffe://example.org/expired")
      : value,
  );
  return { response: left as Json };
}

/** Where our agent answers otherwise on purpose, by scenario and case. Each stands with its reason in docs/spire-compatibility.md, too. */
export const agentDeviations: Readonly<Record<string, Readonly<Record<string, Deviation>>>> = {
  workload: {
    "wl.none.jwt-empty-audience": emptyRefused,
    "wl.jwt.empty-among": emptyRefused,
    "wl.many.FetchX509SVID": { reason: expired, instead: withoutExpired },
    "wl.jwt.all": { reason: expired, instead: withoutExpired },
    "wl.validate.garbage": text("unable to parse JWT token: <any>"),
    "wl.validate.three-dots": text("unable to parse JWT token: <any>"),
    "wl.validate.own-tampered": text("the token's signature was not made with the key that it names"),
    "wl.validate.foreign-iat-future": text("the token was issued in the future"),
    "wl.validate.hs256": text("unable to parse JWT token: <any>"),
    "wl.validate.none": text("unable to parse JWT token: <any>"),
    "wl.validate.foreign-typ-bad": {
      reason: badTyp,
      instead: () => ({ code: 3, message: "unable to parse JWT token: <any>", response: undefined }),
    },
    "wl.reflection-v1.list": headerDemanded,
    "wl.reflection-v1alpha.list": headerDemanded,
  },
  "workload-stream": {
    "stream.svid.new-entry": {
      reason: whole,
      instead: ({ response }) => {
        const recorded = response as readonly { readonly [name: string]: Json }[];
        const [one] = (recorded[0]?.["svids"] ?? []) as readonly { readonly [name: string]: Json }[];
        if (recorded[0] === undefined || one === undefined) throw new TypeError("the case has an answer");
        const certificate =
          '<cert:leaf spiffe://example.org/two ttl=600\u00b115 subject="O=SPIRE,C=US" key=ec-p256 ku=digitalSignature+keyEncipherment+keyAgreement eku=serverAuth eku=clientAuth>';
        const two = { ...one, spiffeId: "spiffe://example.org/two", x509Svid: certificate };
        return { response: [recorded[0], { svids: [one, two] }] };
      },
    },
    "stream.svid.one-entry-removed": {
      reason: older,
      instead: ({ response = {} }) => ({
        response: JSON.parse(JSON.stringify(response).replaceAll("ttl=580\u00b115", "ttl=560\u00b160")) as Json,
      }),
    },
    "stream.sds.entry-updated": {
      reason: sds,
      instead: () => ({
        code: 12,
        message: "unknown service envoy.service.secret.v3.SecretDiscoveryService",
        response: {},
      }),
    },
  },
};
