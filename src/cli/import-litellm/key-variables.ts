import type { ImportReport } from './import-report.js';
import type { LitellmValue } from './litellm-value.js';

/** What people write where a server wants no key. */
const STAND_IN =
  /^(?:none|null|empty|na|n\/a|no-?key|dummy|fake(?:-key)?|not-?needed|not-?used|anything|ollama|lm-studio|sk-(?:no-key-required|none|dummy|fake))$/i;

/** The variables of the environment that hold providers' keys from now on. A key that stands in LiteLLM's file is never written anywhere. */
export class KeyVariables {
  /** Keys that stand in the file, each with the variable that was named for it. */
  private readonly named = new Map<string, string>();

  constructor(private readonly report: ImportReport) {}

  /** `isOptional`: the server may want no key; then a word that is no key is not taken for one. */
  nameOf(key: LitellmValue, model: string, isOptional: boolean): string | undefined {
    const { text = '', variable } = key;
    if (variable !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(variable) && !variable.toUpperCase().startsWith('GATEWAY_'))
      return this.uses(variable);
    if (variable === undefined && isOptional && STAND_IN.test(text)) return undefined;
    const known = this.named.get(text);
    const name = known ?? this.free(model);
    this.named.set(text, name);
    this.report.remind(
      key,
      variable === undefined
        ? `a key stands in the file; set ${name} to it in the environment`
        : `${variable} cannot be the name of a key's variable here; set ${name} to the same`,
    );
    return this.uses(name);
  }

  private uses(name: string): string {
    this.report.variables.add(name);
    return name;
  }

  private free(model: string): string {
    const word = model
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 60);
    const base = /^[A-Z]/.test(word) && !word.startsWith('GATEWAY') ? `${word}_API_KEY` : `MODEL_${word}_API_KEY`;
    let name = base;
    for (let count = 2; this.report.variables.has(name); count++) name = `${base}_${count}`;
    return name;
  }
}
