// SPDX-License-Identifier: Apache-2.0
import type { PeerProcess, ProcessFacts, WorkloadAttestor } from "@mayfly/attestation";
import { type RegistrationEntry, type Selector, taskSelectorType } from "@mayfly/registration";
import type { StatusError } from "@mayfly/rpc";
import type { Logger } from "@mayfly/telemetry";
import type { Clock } from "../clock.ts";
import type { HeldSet } from "../entries/held-set.ts";
import type { TaskVerdict } from "../tasks/standing-table.ts";
import type { TaskBindings } from "../tasks/task-bindings.ts";
import { denied, type RefusalCode, unavailable } from "./refusal.ts";

/** What attesting callers needs. */
export interface CallerDeps {
  readonly attestors: readonly WorkloadAttestor[];
  readonly held: HeldSet;
  readonly bindings: TaskBindings;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Selectors of a process by all attestors. None of them says anything about tasks: that only bindings do.
 * @throws what an attestor throws; RangeError for an attestor that gives a selector of the reserved type
 */
export async function attestProcess(
  attestors: readonly WorkloadAttestor[],
  facts: ProcessFacts,
  wanted?: ReadonlySet<string>,
): Promise<readonly Selector[]> {
  const selectors = (await Promise.all(attestors.map((attestor) => attestor.attest(facts, wanted)))).flat();
  if (selectors.some(({ type }) => type === taskSelectorType)) throw new RangeError("an attestor can't bind to tasks");
  return selectors;
}

/** The process behind one call: who it is, as of the last look, and what it is entitled to. */
export class Caller {
  readonly #deps: CallerDeps;
  readonly #process: PeerProcess;
  #seen: { readonly facts: ProcessFacts; readonly selectors: readonly Selector[] } | undefined;
  #kinds: ReadonlySet<string> | undefined;
  #fresh = false;

  constructor(process: PeerProcess, deps: CallerDeps) {
    this.#process = process;
    this.#deps = deps;
  }

  /** Looks at the process again. @throws {StatusError} 7 when it is not the one that connected any more; 14 when it can't be told */
  async attest(): Promise<void> {
    const { attestors, held, log } = this.#deps;
    const kinds = held.selectorKinds;
    const facts = await this.#process.inspect();
    if (facts === undefined) throw denied("CALLER_CHANGED");
    try {
      this.#seen = { facts, selectors: await attestProcess(attestors, facts, kinds) };
      this.#kinds = kinds;
      this.#fresh = true;
    } catch (error) {
      log.warn("workload_attestation_failed", { pid: this.#process.pid, error });
      throw unavailable("CALLER_NOT_ATTESTED", "workload attestation failed");
    }
  }

  /** Entries for the process as it was at the last look, sorted by id; looks first where nobody did, or entries ask for something new. @throws {StatusError} as `attest` */
  async entries(): Promise<readonly RegistrationEntry[]> {
    const { held, bindings, clock } = this.#deps;
    if (this.#seen === undefined || this.#kinds !== held.selectorKinds) await this.attest();
    if (this.#seen === undefined) return [];
    const { facts, selectors } = this.#seen;
    const now = clock.now();
    // Not kept from the last look: a task can end between two of them.
    return held.match([...selectors, ...bindings.selectorsOf(facts, now)], now);
  }

  /** How the task stands that the process is bound to; undefined when it is bound to none. */
  get taskVerdict(): TaskVerdict | undefined {
    return this.#seen && this.#deps.bindings.of(this.#seen.facts, this.#deps.clock.now())?.verdict;
  }

  /** The refusal for a process without an entry: a task that only the server's silence keeps back is no reason for a no. */
  refusal(otherwise: RefusalCode): StatusError {
    const verdict = this.taskVerdict;
    if (verdict === "fenced") return unavailable("TASK_NOT_CONFIRMED");
    return denied(verdict === "held" ? "TASK_SUSPENDED" : otherwise);
  }

  /** Time passed since the last look: it does not count as one before a push any more. */
  waited(): void {
    this.#fresh = false;
  }

  /** Looks at the process again if time passed, and says whether it still gets exactly these entries. @throws {StatusError} as `attest` */
  async stillGets(entries: readonly RegistrationEntry[]): Promise<boolean> {
    if (!this.#fresh) await this.attest();
    const now = await this.entries();
    return now.length === entries.length && now.every((entry, index) => entry === entries[index]);
  }
}
