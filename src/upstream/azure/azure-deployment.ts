/** LiteLLM's users mark deployments of models that think, because the names of deployments tell nothing: `o_series/NAME`, `gpt5_series/NAME`. */
export function azureDeployment(model: string): { readonly name: string; readonly reasons: boolean } {
  const [mark] = SERIES.exec(model) ?? [];
  return mark === undefined ? { name: model, reasons: false } : { name: model.slice(mark.length), reasons: true };
}

const SERIES = /^(o_series|gpt5_series)\//;
