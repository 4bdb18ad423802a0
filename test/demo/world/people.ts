// SPDX-License-Identifier: Apache-2.0
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Background, output, until } from "../../processes.ts";

/** A person with an SSH key, which lives in an ssh-agent of their own. */
export class Person implements AsyncDisposable {
  readonly name: string;
  /** Public key, as `mayfly operator create --key-file` takes it. */
  readonly publicKeyFile: string;
  /** For commands that this person types. */
  readonly env: Readonly<Record<string, string>>;
  readonly #agent: Background;

  private constructor(name: string, directory: string, agent: Background) {
    this.name = name;
    this.publicKeyFile = join(directory, "key.pub");
    this.env = { SSH_AUTH_SOCK: join(directory, "agent.sock"), MAYFLY_OPERATOR: name };
    this.#agent = agent;
  }

  /** Makes the key and loads it into a new ssh-agent. `parent`: where the person's files go. */
  static async start(name: string, parent: string): Promise<Person> {
    const directory = join(parent, name);
    mkdirSync(directory, { mode: 0o700 });
    const key = join(directory, "key");
    output(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", key]);
    const agent = new Background(["ssh-agent", "-D", "-a", join(directory, "agent.sock")]);
    const person = new Person(name, directory, agent);
    await until(
      () => `ssh-agent: ${agent.log}`,
      () => agent.stdout.includes("SSH_AUTH_SOCK"),
    );
    output(["ssh-add", "-q", key], { env: { ...person.env } });
    return person;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#agent[Symbol.asyncDispose]();
  }
}
