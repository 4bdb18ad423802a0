// SPDX-License-Identifier: Apache-2.0
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";
import { objectOf } from "../mcp/protocol.ts";
import type { CallLedger } from "../ports/call-ledger.ts";
import type { ToolServer } from "../upstream/tool-server.ts";
import { readDefinition, type ToolDefinition } from "./tool-definition.ts";
import type { RegisteredServer } from "./tool-register.ts";

/** A registered tool that its server offers, and whether this is the definition that it is pinned to. */
interface OfferedTool {
  readonly definition: ToolDefinition;
  readonly isPinned: boolean;
}

/** Offered tools by name. */
export type Offer = ReadonlyMap<string, OfferedTool>;

interface Parts {
  readonly register: RegisteredServer;
  readonly server: ToolServer;
  readonly ledger: Pick<CallLedger, "pinTool">;
  readonly clock: Clock;
  readonly log: Logger;
  /** An older list is not decided on. */
  readonly maxAgeMs: number;
}

const maxPages = 16;

/** What one tool server offers, of the tools that are registered. Each definition is asked about at the ledger whenever the list is read anew. */
export class ToolCatalogue {
  readonly #parts: Parts;
  #offer: { readonly tools: Offer; readonly readAtMs: number } | undefined;
  #reading: Promise<Offer> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * The offer, not older than `maxAgeMs`. From half of that age on it is read anew without anybody waiting.
   * @throws {GatewayError} UPSTREAM_*; what the ledger throws
   */
  async offer(): Promise<Offer> {
    const { clock, maxAgeMs, log, register } = this.#parts;
    const age = this.#offer === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() - this.#offer.readAtMs;
    if (this.#offer === undefined || !(age < maxAgeMs)) return await this.#read();
    if (age > maxAgeMs / 2 && this.#reading === undefined) {
      this.#read().catch((error: unknown) => log.warn("tools_not_read", { server: register.name, error }));
    }
    return this.#offer.tools;
  }

  #read(): Promise<Offer> {
    this.#reading ??= this.#readAll().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readAll(): Promise<Offer> {
    const readAtMs = this.#parts.clock.monotonicMs();
    const definitions = await this.#listAll();
    const tools = new Map<string, OfferedTool>();
    for (const definition of definitions) {
      if (tools.has(definition.name)) {
        throw new GatewayError("UPSTREAM_MALFORMED", "the tool server offers one name twice");
      }
      tools.set(definition.name, { definition, isPinned: await this.#isPinned(definition) });
    }
    this.#offer = { tools, readAtMs };
    return tools;
  }

  async #isPinned({ name, digest, canonical }: ToolDefinition): Promise<boolean> {
    const { register, ledger, log } = this.#parts;
    const isPinned = await ledger.pinTool({ server: register.name, tool: name, digest, definition: canonical });
    const known = this.#offer?.tools.get(name);
    const isTold = known?.isPinned === false && known.definition.digest === digest;
    if (!isPinned && !isTold)
      log.warn("tool_quarantined", { server: register.name, tool: name, definition_digest: digest });
    return isPinned;
  }

  async #listAll(): Promise<readonly ToolDefinition[]> {
    const { server, register } = this.#parts;
    const found: ToolDefinition[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < maxPages; page++) {
      const result = await server.listTools(cursor);
      const list = Array.isArray(result["tools"]) ? (result["tools"] as readonly unknown[]) : [];
      // Tools that are not registered can't be called: they are no concern of ours.
      const names = list.filter((each) => register.tools.has(String(objectOf(each)?.["name"])));
      found.push(...names.flatMap((each) => readDefinition(each) ?? []));
      cursor = typeof result["nextCursor"] === "string" ? result["nextCursor"] : undefined;
      if (cursor === undefined) return found;
    }
    throw new GatewayError("UPSTREAM_TOO_LARGE", "the tool server's list has no end");
  }
}
