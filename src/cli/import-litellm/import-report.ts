import type { LitellmValue } from './litellm-value.js';

interface Finding {
  readonly at: LitellmValue;
  readonly text: string;
  /** Where the same is to be said. */
  readonly also: LitellmValue[];
}

/** What whoever runs the import has to know. Says where values stand, never the values: they may be keys. */
export class ImportReport {
  private readonly leftOut: Finding[] = [];
  private readonly toDo: Finding[] = [];
  /** Variables of the environment that the new settings read. */
  readonly variables = new Set<string>();

  /** Something that the new settings do not say; `what`: why not, where that needs a word; `instead`: what to do about it. */
  leave(at: LitellmValue, what: string, instead: string): void {
    add(this.leftOut, at, what === '' ? instead : `${what}; ${instead}`);
  }

  /** Something that is carried over once this is done, or that differs in a way that is worth knowing. */
  remind(at: LitellmValue, text: string): void {
    add(this.toDo, at, text);
  }

  /** One line each. */
  get left(): string[] {
    return this.leftOut.map(line);
  }

  get reminders(): string[] {
    return this.toDo.map(line);
  }
}

function add(findings: Finding[], at: LitellmValue, text: string): void {
  const same = findings.find((finding) => finding.text === text && finding.at.key === at.key);
  if (same === undefined) findings.push({ at, text, also: [] });
  else same.also.push(at);
}

function line({ at, text, also }: Finding): string {
  const more = also.length === 0 ? '' : `, and ${also.length} more, the last at ${also.at(-1)?.line ?? ''}`;
  return `${at.path} (${at.line}${more}): ${text}`;
}
