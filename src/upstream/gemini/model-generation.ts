/** 2.5 of `gemini-2.5-pro`, 3 of what is called the latest; undefined for models of other families and names that say nothing of it. */
export function modelGeneration(model: string): number | undefined {
  const numbered = /\bgemini-(?:[a-z]+-)*(\d{1,2}(?:\.\d{1,2})?)(?![\d.])/.exec(model)?.[1];
  if (numbered !== undefined) return Number(numbered);
  return /\bgemini-[a-z-]*latest\b/.test(model) ? LATEST : undefined;
}

const LATEST = 3;
