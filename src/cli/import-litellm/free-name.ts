/** The first of `word`, `word-2`, `word-3`, … that nobody has. */
export function freeName(word: string, taken: ReadonlySet<string>): string {
  let name = word;
  for (let count = 2; taken.has(name); count++) name = `${word}-${count}`;
  return name;
}
