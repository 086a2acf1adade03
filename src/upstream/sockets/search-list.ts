/** How short names are made whole, as `resolv.conf` says it. */
export interface SearchList {
  readonly domains: readonly string[];
  /** A name with fewer dots is first tried within the domains. */
  readonly dots: number;
}

export function searchList(text: string): SearchList {
  let domains: readonly string[] = [];
  let dots = 1;
  for (const line of text.split('\n')) {
    const [word, ...values] = line
      .replace(/[#;].*/, '')
      .trim()
      .split(/\s+/);
    // The last of them counts.
    if (word === 'search' || word === 'domain') domains = values.map((value) => value.replace(/\.$/, '')).filter((value) => value !== '');
    if (word !== 'options') continue;
    for (const value of values) dots = Number(/^ndots:(\d+)$/.exec(value)?.[1] ?? dots);
  }
  return { domains, dots };
}

/** The names to ask for, in their order. */
export function wholeNames(name: string, { domains, dots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name];
  const within = domains.map((domain) => `${name}.${domain}`);
  return name.split('.').length > dots ? [name, ...within] : [...within, name];
}
