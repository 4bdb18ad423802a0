// SPDX-License-Identifier: Apache-2.0
import { status } from "@grpc/grpc-js";
import type { NodeIdentity, NodeVerifier } from "@mayfly/attestation";
import type { IssuedX509, Signer } from "@mayfly/ca";
import { type AttestedNode, type NodeStore, taskSelectorType } from "@mayfly/registration";
import { permissionDeniedDetail, StatusError } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { CertificateRequest } from "@mayfly/x509";
import type { AcceptableKeys } from "../issuing/acceptable-key.ts";
import { parseCsr, provesKey } from "../issuing/csr.ts";
import { unixSeconds } from "../clock.ts";
import { failedPrecondition, internal, invalidArgument, WireError } from "../rpc/wire/refusal.ts";
import { sortSelectors } from "../rpc/wire/selector.ts";
import { parseIdText } from "../rpc/wire/spiffe-id.ts";
import type { AttestationParams } from "./evidence.ts";

/** What attesting nodes needs. */
export interface NodeAttestorDeps {
  readonly trustDomain: string;
  /** The methods that are switched on. */
  readonly verifiers: readonly NodeVerifier[];
  readonly nodes: NodeStore;
  readonly signer: Signer;
  readonly keys: AcceptableKeys;
  readonly logger: Logger;
}

/** An agent SVID and what it means for the agent. */
export interface AttestationResult {
  readonly issued: IssuedX509;
  readonly canReattest: boolean;
}

type ParsedCsr = { readonly csr: CertificateRequest } | { readonly problem: WireError };

/** Turns evidence about nodes into agent SVIDs, and renews those of nodes that can't attest again. */
export class NodeAttestor {
  readonly #trustDomain: string;
  readonly #verifiers: ReadonlyMap<string, NodeVerifier>;
  readonly #nodes: NodeStore;
  readonly #signer: Signer;
  readonly #keys: AcceptableKeys;
  readonly #logger: Logger;

  constructor(deps: NodeAttestorDeps) {
    this.#trustDomain = deps.trustDomain;
    this.#verifiers = new Map(deps.verifiers.map((verifier) => [verifier.type, verifier]));
    this.#nodes = deps.nodes;
    this.#signer = deps.signer;
    this.#keys = deps.keys;
    this.#logger = deps.logger;
  }

  /** `challenge` sends one challenge and waits for the answer. */
  async attest(
    { type, payload, csr: der }: AttestationParams,
    challenge: (bytes: Uint8Array) => Promise<Uint8Array>,
  ): Promise<AttestationResult> {
    const verifier = this.#verifiers.get(type);
    if (verifier === undefined) {
      throw failedPrecondition(`error getting node attestor: could not find node attestor type "${type}"`);
    }
    const parsed = this.#tryParse(der, type);
    const key = "csr" in parsed ? parsed.csr.spki : new Uint8Array();
    const identity = await verifier.verify({
      payload,
      spki: key,
      keyProven: "csr" in parsed && provesKey(parsed.csr),
      challenge,
    });
    // Which task a process works on is never said by a node.
    if (identity.selectors.some((each) => each.type === taskSelectorType)) {
      throw internal(`node attestor ${type} gave a selector of the reserved type ${taskSelectorType}`);
    }
    const id = this.#agentId(type, identity);
    if ((await this.#nodes.get(id))?.serialNumber === "") throw banned();
    // Last, so that evidence which works once is used up by a bad request, too.
    if ("problem" in parsed) throw unparsable(parsed.problem);
    const issued = await this.#sign(id, key);
    const stored = await this.#nodes.attest(toNode(id, type, identity, issued));
    if (!stored) throw banned();
    this.#logger.info("node_attested", { id, attestation_type: type, serial_number: issued.serialNumber });
    return { issued, canReattest: identity.canReattest };
  }

  /** A new agent SVID, pending until its first use. */
  async renew(node: AttestedNode, csr: Uint8Array): Promise<IssuedX509> {
    const parsed = this.#tryParse(csr, node.id);
    if ("problem" in parsed) throw unparsable(parsed.problem);
    const issued = await this.#sign(node.id, parsed.csr.spki);
    const pending = { serialNumber: issued.serialNumber, expiresAt: unixSeconds(issued.notAfter) };
    if (await this.#nodes.setPending(node.id, pending)) return issued;
    const reason = (await this.#nodes.get(node.id)) === undefined ? "AGENT_NOT_ATTESTED" : "AGENT_BANNED";
    throw new StatusError(status.PERMISSION_DENIED, "the agent lost its record while it renewed", [
      permissionDeniedDetail(reason),
    ]);
  }

  #tryParse(der: Uint8Array, requester: string): ParsedCsr {
    try {
      return { csr: parseCsr(der, this.#keys, requester) };
    } catch (error) {
      if (error instanceof WireError) return { problem: error };
      throw error;
    }
  }

  #agentId(type: string, { agentPath }: NodeIdentity): string {
    try {
      return parseIdText(`spiffe://${this.#trustDomain}/spire/agent${agentPath}`).text;
    } catch (error) {
      if (error instanceof WireError) {
        const what = type === "join_token" ? "join token ID" : "agent ID";
        throw internal(`failed to create ${what}: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }

  async #sign(id: string, spki: Uint8Array): Promise<IssuedX509> {
    const [issued] = await this.#signer.issueX509([
      { spki, spiffeId: id, dnsNames: [], ttlSeconds: 0, purpose: "agent", requester: id },
    ]);
    if (issued === undefined) throw new TypeError("the signer answers every request");
    return issued;
  }
}

function banned(): StatusError {
  return new StatusError(status.PERMISSION_DENIED, "failed to attest: agent is banned");
}

function unparsable(problem: WireError): StatusError {
  return invalidArgument(`failed to parse CSR: ${problem.message}`, { cause: problem });
}

function toNode(id: string, type: string, identity: NodeIdentity, issued: IssuedX509): AttestedNode {
  const selectors = new Map(sortSelectors(identity.selectors).map((each) => [`${each.type}:${each.value}`, each]));
  return {
    id,
    attestationType: type,
    serialNumber: issued.serialNumber,
    expiresAt: unixSeconds(issued.notAfter),
    newSerialNumber: "",
    newExpiresAt: 0,
    canReattest: identity.canReattest,
    agentVersion: "",
    selectors: [...selectors.values()],
  };
}
