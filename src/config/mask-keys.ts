/**
 * What looks like a provider's key or a token, by its beginning and its length: people write one where the name of a variable, or an address,
 * is wanted, and what is told of settings ends in the logs of a CI.
 */
export function maskKeys(text: string): string {
  return text.replace(/(?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf|r8|nvapi|pplx|AIza|ghp|glpat|eyJ)(?=[A-Za-z_-]*\d)[A-Za-z0-9_-]{16,}/g, '***');
}
