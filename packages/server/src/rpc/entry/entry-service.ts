// SPDX-License-Identifier: Apache-2.0
import { randomUUID } from "node:crypto";
import type { CreateEntryOutcome, EntryStore, NewEntry } from "@mayfly/registration";
import type {
  CountEntriesRequest,
  EntryMask,
  EntryMessage,
  EntryMethods,
  EntryResult,
  GetEntryRequest,
  ListEntriesRequest,
  ListEntriesResponse,
  Sent,
  StatusMessage,
} from "@mayfly/rpc";
import type { Clock } from "../../clock.ts";
import type { GuardedHandlers } from "../call.ts";
import type { Mask } from "../wire/mask.ts";
import { alreadyExists, internal, invalidArgument, notFound, WireError } from "../wire/refusal.ts";
import { nextPageToken, PageTokenError, parsePage } from "../wire/paging.ts";
import { okStatus, settle } from "../wire/batch.ts";
import type { IdRules } from "../wire/spiffe-id.ts";
import { parseEntryFilter } from "./entry-filter.ts";
import { toEntryMessage, toSortedEntryMessage } from "./entry-message.ts";
import { checkEntryFields, checkEntryId, parseEntryFields } from "./parse-entry.ts";
import { refuseTaskEntry, refuseTaskFields } from "./refuse-task-identity.ts";

/** What the operators' half of the Entry service needs. */
export interface EntryServiceDeps {
  readonly entries: EntryStore;
  readonly rules: IdRules;
  readonly clock: Clock;
}

const empty: Omit<NewEntry, "id" | "spiffeId" | "parentId" | "selectors"> = {
  x509SvidTtl: 0,
  jwtSvidTtl: 0,
  federatesWith: [],
  admin: false,
  downstream: false,
  expiresAt: 0,
  dnsNames: [],
  storeSvid: false,
  hint: "",
};

function convert<T>(prefix: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (error instanceof WireError) throw invalidArgument(`${prefix}: ${error.message}`, { cause: error });
    throw error;
  }
}

const invalidEntry = (verb: string): string =>
  `failed to ${verb} entry: datastore-validation: invalid registration entry`;

function parseNewEntry(message: EntryMessage, rules: IdRules): NewEntry {
  const fields = convert("failed to convert entry", () => parseEntryFields(message, undefined, rules));
  const { spiffeId, parentId, selectors } = fields;
  if (spiffeId === undefined || parentId === undefined || selectors === undefined) {
    throw new TypeError("an unmasked entry has all fields");
  }
  return convert(invalidEntry("create"), () => {
    checkEntryFields(fields);
    const id = checkEntryId(message.id) || randomUUID();
    return { ...empty, ...fields, id, spiffeId, parentId, selectors };
  });
}

function written(outcome: CreateEntryOutcome, verb: string, mask: Mask<EntryMask>): Sent<EntryResult> {
  switch (outcome.outcome) {
    case "created":
      return { status: okStatus, entry: toSortedEntryMessage(outcome.entry, mask) };
    case "similar":
      return {
        status: { code: 6, message: "similar entry already exists" },
        entry: toEntryMessage(outcome.entry, mask),
      };
    case "conflict":
      throw alreadyExists(`failed to ${verb} entry: datastore-sql: UNIQUE constraint failed: ${outcome.constraint}`);
    default:
      throw internal(`failed to ${verb} entry: unable to find federated bundle "spiffe://${outcome.trustDomain}"`);
  }
}

class EntryOperators {
  readonly #entries: EntryStore;
  readonly #rules: IdRules;
  readonly #clock: Clock;

  constructor({ entries, rules, clock }: EntryServiceDeps) {
    this.#entries = entries;
    this.#rules = rules;
    this.#clock = clock;
  }

  async count({ filter }: CountEntriesRequest): Promise<{ count: number }> {
    return { count: await this.#entries.count(parseEntryFilter(filter, this.#rules, "count")) };
  }

  async list(request: ListEntriesRequest): Promise<Sent<ListEntriesResponse>> {
    const filter = parseEntryFilter(request.filter, this.#rules, "list");
    try {
      const page = await this.#entries.list(filter, parsePage(request));
      const entries = page.items.map((entry) => toEntryMessage(entry, request.output_mask));
      return { entries, next_page_token: nextPageToken(page) };
    } catch (error) {
      if (!(error instanceof PageTokenError)) throw error;
      const inner = `rpc error: code = InvalidArgument desc = ${error.message}`;
      throw internal(`failed to list entries: datastore-sql: ${inner}`, { cause: error });
    }
  }

  async get({ id, output_mask: mask }: GetEntryRequest): Promise<Partial<EntryMessage>> {
    if (id === "") throw invalidArgument("missing ID");
    const entry = await this.#entries.get(id);
    if (entry === undefined) throw notFound("entry not found");
    return toEntryMessage(entry, mask);
  }

  async create(message: EntryMessage, mask: Mask<EntryMask>): Promise<Sent<EntryResult>> {
    const entry = parseNewEntry(message, this.#rules);
    refuseTaskEntry(entry.id, "create");
    refuseTaskFields(entry, "create");
    const outcome = await this.#entries.create(entry, this.#clock.now());
    return written(outcome, "create", mask);
  }

  async update(message: EntryMessage, input: Mask<EntryMask>, output: Mask<EntryMask>): Promise<Sent<EntryResult>> {
    const fields = convert("failed to convert entry", () => parseEntryFields(message, input, this.#rules));
    convert(invalidEntry("update"), () => {
      checkEntryFields(fields);
    });
    refuseTaskEntry(message.id, "update");
    refuseTaskFields(fields, "update");
    const outcome = await this.#entries.update(message.id, fields);
    if (outcome === undefined) throw notFound("failed to update entry");
    return written(outcome, "update", output);
  }

  async delete(id: string): Promise<{ status: StatusMessage; id: string }> {
    if (id === "") throw invalidArgument("missing entry ID");
    refuseTaskEntry(id, "delete");
    if ((await this.#entries.delete(id)) === undefined) throw notFound("entry not found");
    return { status: okStatus, id };
  }
}

/** What operators do with entries. */
export function entryOperatorHandlers(
  deps: EntryServiceDeps,
): Omit<GuardedHandlers<EntryMethods>, "GetAuthorizedEntries" | "SyncAuthorizedEntries"> {
  const operators = new EntryOperators(deps);
  return {
    CountEntries: (request) => operators.count(request),
    ListEntries: (request) => operators.list(request),
    GetEntry: (request) => operators.get(request),
    BatchCreateEntry: async ({ entries, output_mask: mask }) => ({
      results: await settle(entries, (entry) => operators.create(entry, mask)),
    }),
    BatchUpdateEntry: async ({ entries, input_mask: input, output_mask: output }) => ({
      results: await settle(entries, (entry) => operators.update(entry, input, output)),
    }),
    BatchDeleteEntry: async ({ ids }) => ({
      results: await settle(
        ids,
        (id) => operators.delete(id),
        (id, status) => ({ status, id }),
      ),
    }),
  };
}
