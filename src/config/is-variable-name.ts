/** Whether a text is the name of a variable as people choose them. One with small letters and digits may be a key that was written in its place. */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(text) && !(/[a-z]/.test(text) && /\d/.test(text));
}
