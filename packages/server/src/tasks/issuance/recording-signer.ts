// SPDX-License-Identifier: Apache-2.0
import type {
  DownstreamCaRequest,
  IssuedDownstreamCa,
  IssuedJwt,
  IssuedX509,
  JwtRequest,
  Signer,
  X509Request,
} from "@mayfly/ca";
import { SpiffeId } from "@mayfly/spiffe";
import { parseTaskSpiffeId, type TaskId, tiers } from "@mayfly/tasks";
import type { Recorder } from "../record/recorder.ts";
import type { LiveTasks } from "../standing/live-tasks.ts";
import type { SvidEnds } from "./svid-ends.ts";

/** What SVIDs of tasks are recorded with. */
export interface RecordingSignerDeps {
  readonly signer: Signer;
  readonly live: LiveTasks;
  readonly recorder: Recorder;
  readonly ends: SvidEnds;
}

interface Issued {
  readonly spiffeId: string;
  readonly requester: string;
  readonly notAfter: Date;
  readonly serial?: string | undefined;
  readonly type: "x509" | "jwt";
}

/** Passes everything on, and ties each SVID of a task to it in the record before anybody gets to see the SVID. */
export class RecordingSigner implements Signer {
  readonly #deps: RecordingSignerDeps;

  constructor(deps: RecordingSignerDeps) {
    this.#deps = deps;
  }

  async issueX509(requests: readonly X509Request[]): Promise<readonly IssuedX509[]> {
    const issued = await this.#deps.signer.issueX509(requests);
    await Promise.all(
      issued.map(({ spiffeId, serialNumber, notAfter }, index) =>
        this.#record({
          spiffeId,
          notAfter,
          serial: BigInt(serialNumber).toString(16),
          requester: requests[index]?.requester ?? "server",
          type: "x509",
        }),
      ),
    );
    return issued;
  }

  async issueJwt(request: JwtRequest): Promise<IssuedJwt> {
    const issued = await this.#deps.signer.issueJwt(request);
    const { requester } = request;
    await this.#record({ spiffeId: issued.spiffeId, notAfter: issued.expiresAt, requester, type: "jwt" });
    return issued;
  }

  issueDownstreamCa(request: DownstreamCaRequest): Promise<IssuedDownstreamCa> {
    return this.#deps.signer.issueDownstreamCa(request);
  }

  /** @throws {JournalError} LOG_UNAVAILABLE where the tier asks for a record before the act: the SVID is not given out then */
  async #record({ spiffeId, requester, notAfter, serial, type }: Issued): Promise<void> {
    const task = taskOf(spiffeId);
    if (task === undefined) return;
    this.#deps.ends.note(task, notAfter);
    const fact = {
      kind: "issuance",
      actor: requester,
      task,
      agent: spiffeId,
      ...(serial !== undefined && { serial }),
      body: { type, not_after: notAfter.toISOString() },
    } as const;
    const tier = this.#deps.live.get(task)?.tier ?? "T3";
    if (tiers[tier].audit === "write-ahead") await this.#deps.recorder.event(fact);
    else void this.#deps.recorder.note(fact);
  }
}

function taskOf(text: string): TaskId | undefined {
  // Most SVIDs are no task's.
  return text.includes("/task/t-") ? parseTaskSpiffeId(SpiffeId.parse(text))?.taskId : undefined;
}
