/** What a command sees and touches of the world. */
export interface CliWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard input, to its end. Without it there is none. */
  readonly input?: () => Promise<Uint8Array>;
}

/** A command's exit code; undefined: the process goes on (`start`). */
export type ExitCode = number | undefined;
