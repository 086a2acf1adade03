/**
 * Whether a model thinks in blocks of their own. Those from before it plan their calls instead (`tool_plan`), which the newer ones refuse to
 * take back, as the elder refuse thoughts.
 */
export function thinks(model: string): boolean {
  return !ELDER.test(model);
}

const ELDER = /^(c4ai-)?(aya|command(-light|-nightly|-r\b|-r7b|-a-03|-a-vision|-a-translate|$))/;
