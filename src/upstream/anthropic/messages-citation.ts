/** A source with an address, as a `citations` entry. */
export function messagesCitation({
  url,
  title,
  quote,
}: {
  readonly url: string;
  readonly title: string;
  readonly quote: string | undefined;
}): object {
  return { type: 'web_search_result_location', url, title, cited_text: quote ?? '', encrypted_index: '' };
}
