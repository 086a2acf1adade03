import type { LitellmValue } from './litellm-value.js';

/** Variables as LiteLLM would see them: its file's own before the environment that the import runs in. For what is no secret alone. */
export class KnownVariables {
  constructor(
    private readonly section: LitellmValue | undefined,
    private readonly environment: (name: string) => string | undefined,
  ) {}

  /** What a value says, straight or by `os.environ/NAME`; undefined: that variable is not set here. */
  textOf(value: LitellmValue): string | undefined {
    const { variable } = value;
    return variable === undefined ? value.text : (this.section?.at(variable)?.text ?? this.environment(variable));
  }
}
