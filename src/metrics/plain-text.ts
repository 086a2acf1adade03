/** Characters that JSON lets stand and terminals or readers of lines may obey: controls of the second half, line separators, changes of direction. */
const OBEYED = /[\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** What most texts are made of: nothing in it needs escaping. */
const HARMLESS = /^[\w ./:@+=-]*$/;

/** Text of a stranger as a JSON string of at most so many characters: one line, and nothing in it is obeyed by a terminal. */
export function plainText(text: string, lengthMax: number): string {
  if (text.length <= lengthMax && HARMLESS.test(text)) return `"${text}"`;
  const cut = text.length > lengthMax ? text.slice(0, lengthMax).toWellFormed() : text;
  return JSON.stringify(cut).replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
