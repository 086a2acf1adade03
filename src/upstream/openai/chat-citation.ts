/** An `annotations` entry. `at`: where in the answer's text it stands; what it covers is not known. */
export function chatCitation(at: number, { url, title }: { readonly url: string; readonly title: string }): object {
  return { type: 'url_citation', url_citation: { start_index: at, end_index: at, url, title } };
}
