// SPDX-License-Identifier: Apache-2.0
import type { Exchange, SvidFacts } from "./messages.ts";

/** What the tour shows, in this order; with `--output json` each is one document. */
export type DevEvent =
  | {
      readonly event: "started";
      readonly trust_domain: string;
      readonly directory: string;
      readonly server_socket: string;
      readonly server_address: string;
      readonly workload_socket: string;
      readonly agent_id: string;
      readonly milliseconds: number;
    }
  | ({
      readonly event: "first_svid";
      readonly pid: number;
      readonly executable: string;
      /** Since the start of this process. */
      readonly milliseconds: number;
    } & SvidFacts)
  | ({ readonly event: "mtls"; readonly client_pid: number; readonly server_pid: number } & Exchange)
  | {
      readonly event: "rotation";
      readonly spiffe_id: string;
      readonly old_serial_number: string;
      readonly new_serial_number: string;
      /** Since the old one arrived. */
      readonly milliseconds: number;
      /** A new connection under the new SVID: the serial number that the other side saw. */
      readonly seen_serial_number: string;
    }
  | {
      readonly event: "next";
      readonly environment: Readonly<Record<string, string>>;
      readonly commands: readonly string[];
      /** One task of an AI agent from its start to its end, in this order. */
      readonly task_commands: readonly string[];
    }
  | { readonly event: "done"; readonly stays: boolean; readonly milliseconds: number };
