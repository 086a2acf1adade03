/** Text that our settings would take for a template nobody filled in. */
export function hasPlaceholder(text: string): boolean {
  return /\$\{[^}]*\}/.test(text);
}
