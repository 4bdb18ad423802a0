// SPDX-License-Identifier: Apache-2.0
import type { Observation } from "./observation.ts";
import { describeOutcome, type Outcome } from "./outcome.ts";
import { broken, type Finding, judged, type JudgedRow, type Row, unseen } from "./row.ts";
import { authorityRows } from "./rows/authority-rows.ts";
import { endpointRows } from "./rows/endpoint-rows.ts";
import { headerRows } from "./rows/header-rows.ts";
import { hintRows } from "./rows/hint-rows.ts";
import { jwtBundleRows } from "./rows/jwt-bundle-rows.ts";
import { jwtSvidRows } from "./rows/jwt-svid-rows.ts";
import { leafRows } from "./rows/leaf-rows.ts";
import { profileRows } from "./rows/profile-rows.ts";
import { reflectionRows } from "./rows/reflection-rows.ts";
import { streamRows } from "./rows/stream-rows.ts";
import { tokenRows } from "./rows/token-rows.ts";
import { validationRows } from "./rows/validation-rows.ts";
import { witRows } from "./rows/wit-rows.ts";
import { x509BundleRows } from "./rows/x509-bundle-rows.ts";
import { x509Rows } from "./rows/x509-rows.ts";

/** Every row, in the order of the table. */
export const allRows: readonly Row[] = [
  ...endpointRows,
  ...headerRows,
  ...reflectionRows,
  ...profileRows,
  ...streamRows,
  ...x509Rows,
  ...x509BundleRows,
  ...leafRows,
  ...authorityRows,
  ...jwtSvidRows,
  ...tokenRows,
  ...jwtBundleRows,
  ...validationRows,
  ...witRows,
  ...hintRows,
];

/** Data that makes a check fail in a way that nobody thought of is no reason to lose the table, and none to pass. */
function found(row: Row, seen: Observation): Finding {
  try {
    return row.check(seen);
  } catch (error) {
    return broken(`the check ended with ${error instanceof Error ? error.name : "an error"}`);
  }
}

/** The verdicts on what was seen. */
export function judgeAll(seen: Observation): JudgedRow[] {
  return allRows.map((row) => judged(row, found(row, seen)));
}

/** The verdicts where nothing was seen but that nobody speaks gRPC there, or only behind TLS. */
export function judgeSilence(contact: Outcome<unknown>, isTls: boolean): JudgedRow[] {
  const findings: Readonly<Record<string, Finding>> = {
    "ENDPOINT-01": broken(describeOutcome(contact)),
    ...(isTls && { "ENDPOINT-06": broken("it speaks TLS, and nothing without") }),
  };
  return allRows.map((row) => judged(row, findings[row.id] ?? unseen("needs an endpoint that speaks gRPC")));
}
