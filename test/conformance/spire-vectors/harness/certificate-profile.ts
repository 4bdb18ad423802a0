// SPDX-License-Identifier: Apache-2.0

/** Why certificates differ from SPIRE's wherever one appears; docs/spire-compatibility.md, "Certificates". */
export const profileReason: string =
  "leaves say digitalSignature only (keyEncipherment too with RSA keys) and have no C and O; CAs have names of our own";

function ourKeyUsage(text: string, isRsa: boolean): string {
  return text === "digitalSignature+keyEncipherment+keyAgreement"
    ? `digitalSignature${isRsa ? "+keyEncipherment" : ""}`
    : text;
}

/** Subjects that Mayfly may write where SPIRE wrote `subject`. An operator's CSR may bring SPIRE's default of its own, which is kept. */
function ourSubjects(subject: string): readonly string[] {
  const authority = /^(SERIALNUMBER=n,(?:OU=DOWNSTREAM-1,)?)O=SPIFFE,C=US$/.exec(subject);
  if (authority !== null) return [`${authority[1] ?? ""}CN=Mayfly CA,O=Mayfly`];
  if (subject === "O=SPIRE,C=US") return ["", subject];
  return [subject.replace(/,O=SPIRE,C=US$/, "")];
}

/** What a certificate must say where SPIRE's said this. */
export function inOurProfile(recorded: { readonly key: string; readonly keyUsage: string; readonly subject: string }): {
  readonly keyUsage: string;
  readonly subjects: readonly string[];
} {
  return {
    keyUsage: ourKeyUsage(recorded.keyUsage, recorded.key.startsWith("rsa")),
    subjects: ourSubjects(recorded.subject),
  };
}
